import EventLoop
import Testing

struct NetworkTests {
    private func address(_ host: String) throws -> SocketAddress {
        try #require(SocketAddress.resolve(host: host, port: 1).first)
    }

    @Test(
        "A network contains its addresses and no others",
        arguments: [
            ("127.0.0.0/8", "127.1.2.3", "128.0.0.1"), ("192.0.2.0/25", "192.0.2.127", "192.0.2.128"),
            ("192.0.2.1", "192.0.2.1", "192.0.2.2"), ("192.0.2.1", "::ffff:192.0.2.1", "::192.0.2.1"),
            ("2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"), ("::1", "::1", "::2"),
            ("fe80::/64", "fe80::1:2:3:4", "fe80:0:0:1::1"), ("2001:db8::/96", "2001:db8::1.2.3.4", "2001:db8::1:0:0"),
            ("0.0.0.0/0", "8.8.8.8", "::2"),
        ])
    func contains(_ text: String, _ inside: String, _ outside: String) throws {
        let network = try #require(Network(text))
        #expect(try network.contains(address(inside)))
        #expect(try !network.contains(address(outside)))
        #expect("\(network)" == text)
    }

    @Test(
        "What is no network is none",
        arguments: ["", "localhost", "1.2.3.4/33", "::/129", "1.2.3.4/", "1.2.3.4/+8", "1/8"])
    func invalid(_ text: String) {
        #expect(Network(text) == nil)
    }

    @Test("All IPv6 addresses of a network of 64 bits are one block, each IPv4 address is one")
    func blocks() throws {
        #expect(try address("2001:db8::1").block == address("2001:db8::ffff:1").block)
        #expect(try address("2001:db8::1").block != address("2001:db8:0:1::1").block)
        #expect(try address("192.0.2.1").block == address("::ffff:192.0.2.1").block)
        #expect(try address("192.0.2.1").block != address("192.0.2.2").block)
    }
}

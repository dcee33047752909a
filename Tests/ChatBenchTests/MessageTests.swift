import Testing

@testable import chat_bench

@Suite("The text of a line of the load")
struct MessageTests {
    private static let message = Message(sender: 3, sequence: 1_234)

    @Test(
        "Is found in what each protocol makes of it",
        arguments: [
            "MSG b7-3 %", ":b7-3!~b7-3@127.0.0.1 PRIVMSG #bench :%\r", "%\r", "%",
        ])
    func found(frame: String) {
        let text = String(decoding: Self.message.text(run: 7, size: 64), as: UTF8.self)
        let line = frame.replacing("%", with: text) + "\n"
        #expect(parse(line, run: 7) == Self.message)
        #expect(text.utf8.count == 64)
    }

    @Test(
        "Is not found in other lines",
        arguments: [
            "INFO b7-3 joined the chat\n", "MSG eve |7|3\n", "MSG eve |8|3|1234|xxx\n", "MSG eve |7|-3|1234|xxx\n",
            "MSG eve |7|3|99999999999999999999|xxx\n", "|||||\n", "\n",
        ])
    func notFound(line: String) {
        #expect(parse(line, run: 7) == nil)
    }

    @Test("The marker is that of its run")
    func marker() {
        let line = Array("MSG b7-0 ".utf8) + Message.marker(of: 7) + [10]
        line.withUnsafeBytes {
            #expect(Message.isMarker($0, of: 7))
            #expect(!Message.isMarker($0, of: 70))
            #expect(Message($0, run: 7) == nil)
        }
    }

    private func parse(_ line: String, run: UInt32) -> Message? {
        Array(line.utf8).withUnsafeBytes { Message($0, run: run) }
    }
}

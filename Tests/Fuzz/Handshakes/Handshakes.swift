import ChatTransport
import EventLoop
import FuzzSupport
import TestSupport

private let text = Array("PING\n".utf8)

/// What a real client sends, changed on its way: nobody can make the server hear what the client did not say.
///
/// Input: a kind of client; a cut; the changes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHandshakes(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = Input(start, count)
    let context = contexts[Int(input.byte()) % contexts.count]
    let cut = Cut(&input)
    var changes = Changes(&input)

    let (serverSocket, serverWire) = succeed { try Socket.pair() }
    let (clientSocket, clientWire) = succeed { try Socket.pair() }
    let transport = OpenSSLTransport(serverSocket, TLSServer.shared.context) { _ in [] }
    var server = End(transport, over: serverSocket)
    let client = Client(succeed { try ClientConnection(context, over: clientSocket.descriptor) }, saying: text)
    while !server.isOver {
        client.takeTurn()
        let sent = clientWire.hear().bytes
        for chunk in cut.chunks(of: changes.apply(to: sent)) where !server.isOver {
            serverWire.say(chunk)
            server.takeIn()
        }
        let answer = serverWire.hear().bytes
        clientWire.say(answer)
        if sent.isEmpty && answer.isEmpty || changes.isCutOff { break }
    }
    succeed { try serverWire.shutdownSending() }
    server.takeIn()

    require(server.isOver, "Nothing waits for ever behind the end")
    require(text.starts(with: server.heard), "What is heard was said")
    require(!server.hasHeardEnd || server.heard == text, "Nobody but the client can end what it says")
    if !changes.hasChanged {
        require(server.hasHeardEnd, "What nobody has changed succeeds: \(String(describing: server.failure))")
    }
    if case .socket(let error) = server.failure { require(false, "The kernel is not at fault: \(error)") }
    server.closeInOrder()
    return 0
}

/// With TLS 1.3, also with a second ClientHello, and with TLS 1.2.
// Unsafe on more than one thread: libFuzzer has one, on which an input follows another.
nonisolated(unsafe) private let contexts: [ClientContext] = {
    let plain = TLSClientOptions(authority: TLSServer.shared.authority)
    var (retrying, old, offering) = (plain, plain, plain)
    // The server asks for a share of a group that it knows: RFC 8446, section 4.1.4.
    retrying.groups = "P-521:X25519"
    old.maximumVersion = .tls12
    offering.alpn = ["other", "chat"]
    return succeed { try [plain, retrying, old, offering].map { try ClientContext($0) } }
}()

import ChatTransport
import EventLoop

/// Reads from a socket, and has room for whatever is written, which goes nowhere: what is left is the server's own work.
final class SinkTransport: Transport {
    private let input: PlainTransport

    init(_ socket: Socket) {
        input = PlainTransport(socket)
    }

    var peerNames: [String]? { nil }

    func establish() -> Completion { .done }

    func refuse() {}

    func read(into buffer: inout MutableSpan<UInt8>) throws(TransportError) -> ReadProgress {
        try input.read(into: &buffer)
    }

    func write(_ bytes: Span<UInt8>) -> WriteProgress { .bytes(bytes.count) }

    var readsByRecord: Bool { false }

    func shutDown(closes: Bool) -> Completion { .done }
}

import ChatTransport
import EventLoop

/// The bytes as they are, also those of somebody who speaks TLS where none is expected, or the other way about.
final class TCPTransport: Transport {
    private let socket: Socket

    init(_ socket: Socket) {
        self.socket = socket
    }

    let peerNames: [String]? = nil
    let readsByRecord = false

    func establish() -> Completion { .done }

    func refuse() {}

    func read(into buffer: inout MutableSpan<UInt8>) throws(TransportError) -> ReadProgress {
        do {
            switch try socket.receive(into: &buffer) {
            case nil: return .waits(for: .readable)
            case 0: return .end
            case let count?: return .bytes(count)
            }
        } catch {
            throw .socket(error)
        }
    }

    func write(_ bytes: Span<UInt8>) throws(TransportError) -> WriteProgress {
        do {
            guard let count = try socket.send(bytes) else { return .waits(for: .writable) }
            return .bytes(count)
        } catch {
            throw .socket(error)
        }
    }

    func shutDown(closes: Bool) throws(TransportError) -> Completion {
        do {
            try socket.shutdownSending()
        } catch {
            throw .socket(error)
        }
        return .done
    }
}

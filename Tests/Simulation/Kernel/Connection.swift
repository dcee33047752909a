import ChatTransport
import EventLoop
import FlowControl

/// A TCP connection as the kernels of both ends have it, without the network between them.
final class SimulatedConnection {
    /// What the server's kernel takes of input that is not read yet, and of output that the peer's window does not let through.
    private static let (inputSpace, unsentSpace) = (128 << 10, 32 << 10)

    let isTLS: Bool
    private let receiveBuffer: Int
    private var input = ByteQueue()
    private var unsent = ByteQueue()
    private var received = ByteQueue()
    /// What the peer's kernel would take now, and what the peer has read that it has not told the server's kernel.
    private var (window, freed): (Int, Int)
    private(set) var clientHasEnded = false
    private(set) var serverHasEnded = false
    /// The server's socket is closed.
    private(set) var isClosed = false
    private(set) var acknowledged: UInt64 = 0
    /// The peer's machine is gone: nothing is acknowledged.
    var hasVanished = false
    /// Called when the server's end is ready for something else than before, and when something has come for the client.
    var serverEvent: () -> Void = {}
    var clientEvent: () -> Void = {}

    init(isTLS: Bool, receiveBuffer: Int) {
        self.isTLS = isTLS
        self.receiveBuffer = receiveBuffer
        (window, freed) = (receiveBuffer, 0)
    }

    // MARK: The server's end

    var readiness: Interest {
        var interest = Interest()
        if !input.isEmpty || clientHasEnded { interest.insert(.readable) }
        if unsent.count < Self.unsentSpace / 2 { interest.insert(.writable) }
        return interest
    }

    var unacknowledged: Int { unsent.count }

    func serverRead(_ most: Int) -> ArraySlice<UInt8>? {
        guard !input.isEmpty else { return clientHasEnded ? [] : nil }
        let bytes = input.removeFirst(most)
        clientEvent()
        return bytes
    }

    func serverWrite(_ bytes: Span<UInt8>) -> Int {
        let space = max((hasVanished ? 0 : window) + Self.unsentSpace - unsent.count, 0)
        let count = min(bytes.count, space)
        bytes.withUnsafeBufferPointer { unsent.append($0.prefix(count)) }
        transfer()
        return count
    }

    func serverEnd() {
        serverHasEnded = true
        clientEvent()
    }

    func serverClose() {
        isClosed = true
        serverEnd()
    }

    private func transfer() {
        guard !hasVanished, window > 0, !unsent.isEmpty else { return }
        let bytes = unsent.removeFirst(window)
        window -= bytes.count
        acknowledged += UInt64(bytes.count)
        received.append(bytes)
        clientEvent()
    }

    // MARK: The client's end

    /// Returns how many bytes the kernels have taken.
    func clientWrite(_ bytes: ArraySlice<UInt8>) -> Int {
        guard !isClosed, !clientHasEnded else { return bytes.count }
        let count = min(bytes.count, Self.inputSpace - input.count)
        guard count > 0 else { return 0 }
        input.append(bytes.prefix(count))
        serverEvent()
        return count
    }

    func clientEnd() {
        clientHasEnded = true
        serverEvent()
    }

    /// What has come, and whether more may come.
    func clientRead(_ most: Int) -> (bytes: ArraySlice<UInt8>, isEnd: Bool) {
        let bytes = received.removeFirst(most)
        freed += bytes.count
        // A kernel tells of space in lumps.
        if freed * 12 >= receiveBuffer || received.isEmpty {
            window += freed
            freed = 0
            let before = unsent.count
            transfer()
            if before > unsent.count { serverEvent() }
        }
        return (bytes, serverHasEnded && received.isEmpty && unsent.isEmpty)
    }
}

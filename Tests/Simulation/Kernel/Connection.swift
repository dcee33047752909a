import ChatServer
import ChatTransport
import EventLoop
import FlowControl

/// A TCP connection as the kernels of both ends have it, without the network between them.
final class SimulatedConnection {
    /// The space in the server's kernel for unread input, and for output that does not fit into the peer's window.
    private static let (inputSpace, unsentSpace) = (128 << 10, 32 << 10)

    let isTLS: Bool
    private let clock: Clock
    private let receiveBuffer: Int
    /// Whether the client reads all input at once and discards it.
    private let discardsOutput: Bool
    private var input = ByteQueue()
    private var unsent: ByteQueue
    private var received: ByteQueue
    /// The space in the peer's kernel that it has announced, and the space that is free but not announced yet.
    private var (window, freed): (Int, Int)
    /// The client has more to send than the kernels take.
    private var isClientBlocked = false
    private(set) var clientHasEnded = false
    private(set) var serverHasEnded = false
    /// When the server closed its socket.
    private(set) var closedAt: Nanoseconds?
    /// Since when the server has had more to send than the kernels take, and the peer has acknowledged nothing.
    private(set) var stalledSince: Nanoseconds?
    private(set) var acknowledged: UInt64 = 0
    private var acknowledgedAtLook: UInt64 = 0
    /// Since when the peer's machine is gone: nothing is acknowledged.
    private(set) var vanishedAt: Nanoseconds?
    /// Called when the server's end may be ready for something else than before.
    var serverEvent: () -> Void = {}
    /// Called when something has come for the client, or the kernels take more from it.
    var clientEvent: () -> Void = {}

    init(isTLS: Bool, receiveBuffer: Int, discardsOutput: Bool, clock: Clock) {
        self.isTLS = isTLS
        self.receiveBuffer = receiveBuffer
        self.discardsOutput = discardsOutput
        self.clock = clock
        unsent = ByteQueue(keepsBytes: !discardsOutput)
        received = ByteQueue(keepsBytes: !discardsOutput)
        (window, freed) = (receiveBuffer, 0)
    }

    /// The memory of its queues, in bytes. It does not belong to the server.
    var capacity: Int { input.capacity + unsent.capacity + received.capacity }

    /// Whether the server should have closed it by now, because the peer acknowledges nothing or has vanished.
    func hasStalled(at now: Nanoseconds, _ limits: Limits) -> Bool {
        if let vanishedAt, !unsent.isEmpty, now > vanishedAt + .seconds(45) { return true }
        // A last line may take 30 s more, and the end 5 s.
        let patience = limits.stallTimeout + .seconds(40)
        return stalledSince.map { clock.instant > Instant(nanoseconds: $0) + patience } ?? false
    }

    // MARK: The server's end

    var readiness: Interest {
        var interest = Interest()
        if !input.isEmpty || clientHasEnded { interest.insert(.readable) }
        if unsent.count < Self.unsentSpace / 2 { interest.insert(.writable) }
        return interest
    }

    var hasInput: Bool { !input.isEmpty || clientHasEnded }

    var unacknowledged: Int { unsent.count }

    /// The values of TCP_INFO. A live peer that acknowledges data may have more unacknowledged data at any time.
    func lookAtAcknowledgements() -> Acknowledgement {
        let isBusy = acknowledged > acknowledgedAtLook
        acknowledgedAtLook = acknowledged
        let isMissing = vanishedAt != nil && !unsent.isEmpty
        return Acknowledgement(bytes: acknowledged, unacknowledgedSegments: isBusy || isMissing ? 1 : 0)
    }

    /// Passes some of the input to `body`. Returns how much, 0 at its end, or `nil` if there may be more later.
    func serverRead(_ most: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) -> Int? {
        guard !input.isEmpty else { return clientHasEnded ? 0 : nil }
        let count = min(most, input.count)
        input.withFirst(count, body)
        input.removeFirst(count)
        if isClientBlocked, input.count <= Self.inputSpace / 2 {
            isClientBlocked = false
            clientEvent()
        }
        return count
    }

    func serverWrite(_ bytes: Span<UInt8>) -> Int {
        let space = max((vanishedAt == nil ? window : 0) + Self.unsentSpace - unsent.count, 0)
        let count = min(bytes.count, space)
        bytes.withUnsafeBufferPointer { unsent.append(UnsafeBufferPointer(rebasing: $0.prefix(count))) }
        transfer()
        if count < bytes.count, stalledSince == nil { stalledSince = clock.now }
        return count
    }

    func serverEnd() {
        serverHasEnded = true
        clientEvent()
    }

    func serverClose() {
        closedAt = clock.now
        stalledSince = nil
        serverEnd()
    }

    private func transfer() {
        let count = min(unsent.count, window)
        guard vanishedAt == nil, count > 0 else { return }
        acknowledged += UInt64(count)
        stalledSince = nil
        if discardsOutput {
            unsent.removeFirst(count)
        } else {
            unsent.move(count, to: &received)
            window -= count
            clientEvent()
        }
    }

    // MARK: The client's end

    /// Returns how many bytes the kernels have taken.
    func clientWrite(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        guard closedAt == nil, !clientHasEnded else { return bytes.count }
        let count = vanishedAt == nil ? min(bytes.count, Self.inputSpace - input.count) : 0
        isClientBlocked = count < bytes.count
        guard count > 0 else { return 0 }
        input.append(UnsafeBufferPointer(rebasing: bytes.prefix(count)))
        serverEvent()
        return count
    }

    /// Discards input that the server has not read.
    func clientTakeBack() {
        input.removeFirst(input.count)
    }

    func clientEnd() {
        clientHasEnded = true
        serverEvent()
    }

    func clientVanish() {
        vanishedAt = clock.now
    }

    /// Passes output that has arrived to `body`. Returns whether no more can arrive.
    func clientRead(_ most: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) -> Bool {
        let count = min(most, received.count)
        if count > 0 {
            received.withFirst(count, body)
            received.removeFirst(count)
            freed += count
        }
        // A kernel announces space in lumps.
        if freed > 0, freed * 12 >= receiveBuffer || received.isEmpty {
            window += freed
            freed = 0
            let before = unsent.count
            transfer()
            if before > unsent.count { serverEvent() }
        }
        return serverHasEnded && received.isEmpty && unsent.isEmpty
    }
}

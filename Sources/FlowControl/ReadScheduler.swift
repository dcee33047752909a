/// A connection in a ``ReadScheduler``. Confined to that scheduler's event loop.
public protocol ScheduledFlow: AnyObject {
    /// The scheduler's state for this flow.
    var schedule: FlowSchedule { get set }
}

/// The state of one flow in a ``ReadScheduler``.
public struct FlowSchedule: Sendable {
    @usableFromInline
    var credit = 0
    @usableFromInline
    var round: UInt64 = 0
    @usableFromInline
    var isInQueue = false

    /// A flow that has used nothing.
    @inlinable
    public init() {}

    /// Whether the flow is in a queue of the scheduler.
    @inlinable
    public var isQueued: Bool { isInQueue }

    /// The estimated cost that the flow may use before its turn ends, in nanoseconds.
    @inlinable
    public var allowance: Int { max(credit, 1) }
}

/// Decides which flow's input is read next: deficit round robin by estimated cost, sparse flows first.
///
/// A round ends when every flow with more input than its quantum had its turn. A flow that used less than its quantum in the
/// current round comes before all that used more. Sources: Shreedhar and Varghese, "Efficient fair queuing using deficit
/// round robin"; RFC 8290, section 4.1, for the sparse flows.
public struct ReadScheduler<Flow: ScheduledFlow> {
    @usableFromInline
    let quantum: Int
    @usableFromInline
    var sparse = FIFO<Flow>()
    @usableFromInline
    var heavy = FIFO<Flow>()
    @usableFromInline
    var round: UInt64 = 1
    @usableFromInline
    var remainingInRound = 0

    /// `quantum` is in nanoseconds of estimated cost.
    @inlinable
    public init(quantum: Int = Cost.quantum) {
        self.quantum = quantum
    }

    /// Whether no flow has input.
    @inlinable
    public var isEmpty: Bool { sparse.isEmpty && heavy.isEmpty }

    /// Queues a flow that has input, unless it is queued already.
    @inlinable
    public mutating func enqueue(_ flow: Flow) {
        guard !flow.schedule.isInQueue else { return }
        flow.schedule.isInQueue = true
        if flow.schedule.round != round { replenish(flow) }
        if flow.schedule.credit > 0 { sparse.append(flow) } else { heavy.append(flow) }
    }

    /// Takes out the flow whose turn it is. It may use its ``FlowSchedule/allowance``.
    @inlinable
    public mutating func next() -> Flow? {
        if let flow = sparse.popFirst() {
            flow.schedule.isInQueue = false
            return flow
        }
        while true {
            if remainingInRound == 0 {
                round += 1
                remainingInRound = heavy.count
            }
            guard let flow = heavy.popFirst() else { return nil }
            remainingInRound -= 1
            replenish(flow)
            if flow.schedule.credit > 0 {
                flow.schedule.isInQueue = false
                return flow
            }
            // One expensive line can use several quanta.
            heavy.append(flow)
        }
    }

    /// Charges a cost to the flow, which has more input if `hasMore`.
    @inlinable
    public mutating func charge(_ flow: Flow, _ cost: Int, hasMore: Bool) {
        flow.schedule.credit -= cost
        guard hasMore, !flow.schedule.isInQueue else { return }
        flow.schedule.isInQueue = true
        heavy.append(flow)
    }

    @inlinable
    func replenish(_ flow: Flow) {
        flow.schedule.round = round
        flow.schedule.credit = min(flow.schedule.credit, 0) + quantum
    }
}

/// A connection in a ``ReadScheduler``. Confined to that scheduler's event loop.
public protocol ScheduledFlow: AnyObject {
    /// The scheduler's, for this flow.
    var schedule: FlowSchedule { get set }
}

/// What a ``ReadScheduler`` knows of one flow.
public struct FlowSchedule: Sendable {
    fileprivate var credit: Int = 0
    fileprivate var round: UInt64 = 0
    /// Whether the flow is in a queue of the scheduler.
    public fileprivate(set) var isQueued = false

    /// A flow that has used nothing.
    public init() {}

    /// The estimated cost that the flow may use before its turn ends, in nanoseconds.
    public var allowance: Int { max(credit, 1) }
}

/// Decides whose input is read next: deficit round robin by estimated cost, sparse flows first.
///
/// A round ends when every flow with more input than its quantum had its turn. A flow that used less than its quantum in the
/// current round comes before all that used more. Sources: Shreedhar and Varghese, "Efficient fair queuing using deficit
/// round robin"; RFC 8290, section 4.1, for the sparse flows.
public struct ReadScheduler<Flow: ScheduledFlow> {
    private let quantum: Int
    private var sparse = FIFO<Flow>()
    private var heavy = FIFO<Flow>()
    private var round: UInt64 = 1
    private var remainingInRound = 0

    /// `quantum` is in nanoseconds of estimated cost.
    public init(quantum: Int = Cost.quantum) {
        self.quantum = quantum
    }

    /// Whether no flow has input.
    public var isEmpty: Bool { sparse.isEmpty && heavy.isEmpty }

    /// A flow has input. Nothing changes if it is queued already.
    public mutating func enqueue(_ flow: Flow) {
        guard !flow.schedule.isQueued else { return }
        flow.schedule.isQueued = true
        if flow.schedule.round != round { renew(flow) }
        if flow.schedule.credit > 0 { sparse.append(flow) } else { heavy.append(flow) }
    }

    /// Takes out the flow whose turn it is. It may use its ``FlowSchedule/allowance``.
    public mutating func next() -> Flow? {
        if let flow = sparse.popFirst() {
            flow.schedule.isQueued = false
            return flow
        }
        while true {
            if remainingInRound == 0 {
                round += 1
                remainingInRound = heavy.count
            }
            guard let flow = heavy.popFirst() else { return nil }
            remainingInRound -= 1
            renew(flow)
            if flow.schedule.credit > 0 {
                flow.schedule.isQueued = false
                return flow
            }
            // One expensive line can use several quanta.
            heavy.append(flow)
        }
    }

    /// The flow used so much, and has more input if `hasMore`.
    public mutating func charge(_ flow: Flow, _ cost: Int, hasMore: Bool) {
        flow.schedule.credit -= cost
        guard hasMore, !flow.schedule.isQueued else { return }
        flow.schedule.isQueued = true
        heavy.append(flow)
    }

    private func renew(_ flow: Flow) {
        flow.schedule.round = round
        flow.schedule.credit = min(flow.schedule.credit, 0) + quantum
    }
}

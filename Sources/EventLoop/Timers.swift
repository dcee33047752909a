import HeapModule

/// One deadline for each token, and which of them have passed.
///
/// A deadline that moves later, as that of a busy connection does with every line, costs no look-up in the heap: its
/// entry stays where it is, and moves on when it is due. Pure: the caller says what time it is.
struct Timers {
    private struct Entry: Comparable {
        let due: ContinuousClock.Instant
        let token: Token

        static func < (left: Self, right: Self) -> Bool { left.due < right.due }
    }

    private struct Deadline {
        var instant: ContinuousClock.Instant?
        /// When the earliest of the token's entries in the heap is due.
        var entry: ContinuousClock.Instant
    }

    private var heap = Heap<Entry>()
    private var deadlines: [Token: Deadline] = [:]
    /// Deadlines that were taken back, whose entries are still in the heap.
    private var withdrawn = 0

    /// How many entries there are.
    var count: Int { heap.count }

    /// When to look next: at the earliest deadline or before it.
    var next: ContinuousClock.Instant? { heap.min?.due }

    /// Sets or, with `nil`, takes back a token's deadline.
    mutating func set(_ deadline: ContinuousClock.Instant?, for token: Token) {
        guard let deadline else { return withdraw(token) }
        let current = deadlines[token]
        if let current, current.instant == nil { withdrawn -= 1 }
        if let current, current.entry <= deadline {
            deadlines[token]?.instant = deadline
        } else {
            deadlines[token] = Deadline(instant: deadline, entry: deadline)
            heap.insert(Entry(due: deadline, token: token))
        }
    }

    /// Takes out a token whose deadline has passed, or `nil` where none has.
    mutating func popPassed(at now: ContinuousClock.Instant) -> Token? {
        while let entry = heap.min, entry.due <= now {
            heap.removeMin()
            // A later entry of a token whose deadline had moved earlier.
            guard let deadline = deadlines[entry.token], deadline.entry == entry.due else { continue }
            deadlines[entry.token] = nil
            guard let instant = deadline.instant else {
                withdrawn -= 1
                continue
            }
            if instant <= now { return entry.token }
            set(instant, for: entry.token)
        }
        return nil
    }

    private mutating func withdraw(_ token: Token) {
        guard deadlines[token]?.instant != nil else { return }
        deadlines[token]?.instant = nil
        withdrawn += 1
        guard withdrawn > 64, withdrawn > deadlines.count / 2 else { return }
        // Those of connections that came and went would otherwise stay until they are due.
        deadlines = deadlines.filter { $0.value.instant != nil }
        heap = Heap(deadlines.map { Entry(due: $0.value.entry, token: $0.key) })
        withdrawn = 0
    }
}

import HeapModule

/// One deadline for each token, and which of them have passed.
///
/// A deadline that moves later, as that of a busy connection does with every line, costs no look-up in the heap: its
/// entry stays where it is, and moves on when it is due. Pure: the caller says what time it is.
struct Timers {
    private struct Entry: Comparable {
        let due: Instant
        let token: Token

        static func < (left: Self, right: Self) -> Bool { left.due < right.due }
    }

    private struct Deadline {
        let token: Token
        /// `nil` where it was taken back, and its entry is still in the heap.
        var instant: Instant?
        /// When the earliest of the token's entries in the heap is due.
        let entry: Instant
    }

    private var heap = Heap<Entry>()
    /// By descriptor, which the kernel keeps small.
    private var deadlines: [Deadline?] = []
    /// How many of them were not taken back.
    private var liveCount = 0

    /// How many entries there are.
    var count: Int { heap.count }

    /// When to look next: at the earliest deadline or before it.
    var next: Instant? { heap.min?.due }

    /// Sets or, with `nil`, takes back a token's deadline. That of the descriptor's earlier token is forgotten.
    mutating func set(_ instant: Instant?, for token: Token) {
        guard let instant else { return withdraw(token) }
        while deadlines.count <= token.place { deadlines.append(nil) }
        let current = deadlines[token.place]
        if current?.instant == nil { liveCount += 1 }
        if let current, current.token == token, current.entry <= instant {
            deadlines[token.place]?.instant = instant
        } else {
            deadlines[token.place] = Deadline(token: token, instant: instant, entry: instant)
            heap.insert(Entry(due: instant, token: token))
            dropStaleEntries()
        }
    }

    /// Takes out a token whose deadline has passed, or `nil` where none has.
    mutating func popPassed(at now: Instant) -> Token? {
        while let entry = heap.min, entry.due <= now {
            heap.removeMin()
            // Otherwise it is a later entry of a token whose deadline had moved earlier.
            guard let deadline = deadline(of: entry) else { continue }
            deadlines[entry.token.place] = nil
            guard let instant = deadline.instant else { continue }
            liveCount -= 1
            if instant <= now { return entry.token }
            set(instant, for: entry.token)
        }
        return nil
    }

    private mutating func withdraw(_ token: Token) {
        guard token.place < deadlines.count, let current = deadlines[token.place], current.token == token,
            current.instant != nil
        else { return }
        deadlines[token.place]?.instant = nil
        liveCount -= 1
        dropStaleEntries()
    }

    /// Those of connections that came and went would otherwise stay until they are due.
    private mutating func dropStaleEntries() {
        let stale = heap.count - liveCount
        guard stale > 64, stale > heap.count / 2 else { return }
        var live: [Entry] = []
        for entry in heap.unordered {
            guard let deadline = deadline(of: entry) else { continue }
            if deadline.instant != nil { live.append(entry) } else { deadlines[entry.token.place] = nil }
        }
        heap = Heap(live)
    }

    /// `nil` where another entry stands for the token's deadline, or none.
    private func deadline(of entry: Entry) -> Deadline? {
        guard let deadline = deadlines[entry.token.place], deadline.token == entry.token, deadline.entry == entry.due
        else { return nil }
        return deadline
    }
}

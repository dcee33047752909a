import DequeModule
import Glibc

/// Waits for many descriptors at once and calls each one's source, turn after turn.
///
/// A turn: poll; the established sources that are ready; the loop's work, which writes; deadlines; then strangers (new
/// connections and handshakes) for a bounded time, so that they never delay those who chat. Not `Sendable`: made on its thread, and
/// confined to it. Only a ``Wakeup`` reaches it from elsewhere.
public final class EventLoop {
    private struct Registration {
        let token: Token
        let source: any EventSource
        var interest: Interest
        /// Is among the strangers whose turn comes.
        var isWaiting = false
    }

    /// How long strangers are served in one turn; one handshake may exceed it.
    private static let strangersShare = Duration.milliseconds(2)

    private static let longestWait = Duration.seconds(10)

    private let poller: any Poller
    private let wakeup: Wakeup
    private let wakeupToken: Token
    private let thread = pthread_self()
    private var generation: UInt32 = 0
    /// By descriptor, which the kernel keeps small.
    private var registrations: [Registration?] = []
    private var timers = Timers()
    private var ready: [Token] = []
    private var strangers: Deque<Token> = []
    private var workIsLeft = false

    /// When the current turn began.
    public private(set) var now = ContinuousClock.now

    /// A loop for the calling thread.
    public init(poller kind: PollerKind, wakeup: Wakeup) throws(SystemCallError) {
        poller = try kind.make()
        self.wakeup = wakeup
        wakeupToken = Token(descriptor: wakeup.descriptor, generation: 0)
        try poller.add(wakeup.descriptor, .readable, token: wakeupToken)
    }

    /// A new name for a descriptor that is to be watched.
    public func makeToken(descriptor: CInt) -> Token {
        assertOnThread()
        generation &+= 1
        return Token(descriptor: descriptor, generation: generation)
    }

    /// Watches a token's descriptor, which stays its owner's, until ``remove(_:)``.
    public func add(_ source: any EventSource, _ interest: Interest, token: Token) throws(SystemCallError) {
        assertOnThread()
        try poller.add(token.descriptor, interest, token: token)
        while registrations.count <= token.place { registrations.append(nil) }
        registrations[token.place] = Registration(token: token, source: source, interest: interest)
    }

    /// Changes what a source is watched for; a call that changes nothing costs no system call.
    /// Of a removed source, it is ignored.
    public func setInterest(_ interest: Interest, of token: Token) throws(SystemCallError) {
        assertOnThread()
        guard let current = registration(of: token)?.interest, current != interest else { return }
        try poller.modify(token.descriptor, interest, token: token)
        registrations[token.place]?.interest = interest
    }

    /// Sets the source's only deadline, or takes it back.
    public func setDeadline(_ deadline: ContinuousClock.Instant?, of token: Token) {
        assertOnThread()
        timers.set(deadline, for: token)
    }

    /// Forgets a source; it gets no further event, even of this turn. Before its descriptor is closed.
    public func remove(_ token: Token) {
        assertOnThread()
        guard registration(of: token) != nil else { return }
        registrations[token.place] = nil
        poller.remove(token.descriptor)
        timers.set(nil, for: token)
    }

    /// Runs one turn, which waits until something is to be done.
    public func runTurn(_ work: some EventLoopWork) throws(SystemCallError) {
        assertOnThread()
        // Taken out for the turn: otherwise the runtime would watch over every access to it.
        var ready: [Token] = []
        swap(&ready, &self.ready)
        defer {
            ready.removeAll(keepingCapacity: true)
            swap(&ready, &self.ready)
        }
        try poller.wait(milliseconds: timeout, into: &ready)
        now = .now
        for token in ready {
            if token == wakeupToken {
                wakeup.acknowledge()
            } else if let source = registration(of: token)?.source {
                if source.isEstablished { source.ready() } else { queueStranger(token) }
            }
        }
        workIsLeft = work.turn()
        if let next = timers.next, next <= now { passDeadlines() }
        if !strangers.isEmpty {
            serveStrangers()
            workIsLeft = true
        }
    }

    /// `nil` where the source was removed, and the descriptor may be another's by now.
    private func registration(of token: Token) -> Registration? {
        guard token.place < registrations.count, let registration = registrations[token.place],
            registration.token == token
        else { return nil }
        return registration
    }

    private func passDeadlines() {
        while let token = timers.popPassed(at: now) {
            registration(of: token)?.source.deadlinePassed()
            workIsLeft = true
        }
    }

    private func queueStranger(_ token: Token) {
        guard registration(of: token)?.isWaiting == false else { return }
        registrations[token.place]?.isWaiting = true
        strangers.append(token)
    }

    /// Each in its turn: who has waited since an earlier turn comes first.
    private func serveStrangers() {
        let end = ContinuousClock.now + Self.strangersShare
        repeat {
            guard let token = strangers.popFirst() else { return }
            guard let source = registration(of: token)?.source else { continue }
            registrations[token.place]?.isWaiting = false
            source.ready()
        } while ContinuousClock.now < end
    }

    /// In milliseconds, rounded up: a loop that wakes just before a deadline would spin until it. Counted from when the
    /// last turn began, so that a deadline is late by that turn at the most.
    private var timeout: CInt {
        if workIsLeft { return 0 }
        guard let next = timers.next else { return -1 }
        // To find every ten seconds that it is not time yet costs less than to divide in every turn.
        let wait = max(.zero, now.duration(to: next))
        guard wait < Self.longestWait else { return 10_000 }
        let (seconds, attoseconds) = wait.components
        return CInt(seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }

    // The type system keeps a loop on its thread, but for what unsafe code could do.
    private func assertOnThread() {
        assert(pthread_equal(thread, pthread_self()) != 0, "An event loop is confined to its thread")
    }
}

import CLinux
import Glibc

/// epoll(7), level-triggered.
final class EpollPoller: Poller {
    private static let capacity = 256

    private let descriptor: CInt
    private let buffer = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: capacity)

    init() throws(SystemCallError) {
        descriptor = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw .last("epoll_create1") }
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    func add(_ descriptor: CInt, _ interest: Interest, token: Token) throws(SystemCallError) {
        try control(EPOLL_CTL_ADD, descriptor, interest, token)
    }

    func modify(_ descriptor: CInt, _ interest: Interest, token: Token) throws(SystemCallError) {
        try control(EPOLL_CTL_MOD, descriptor, interest, token)
    }

    func remove(_ descriptor: CInt) {
        epoll_ctl(self.descriptor, EPOLL_CTL_DEL, descriptor, nil)
    }

    func wait(milliseconds: CInt, into ready: inout [Readiness]) throws(SystemCallError) {
        let count = epoll_wait(descriptor, buffer.baseAddress, CInt(Self.capacity), milliseconds)
        guard count >= 0 else {
            if errno == EINTR { return }
            throw .last("epoll_wait")
        }
        for event in buffer.prefix(Int(count)) {
            var interest = Interest()
            if event.events & EPOLLIN.rawValue != 0 { interest.insert(.readable) }
            if event.events & EPOLLOUT.rawValue != 0 { interest.insert(.writable) }
            if event.events & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 { interest.insert(.hangUp) }
            ready.append(Readiness(token: Token(rawValue: event.data.u64), interest: interest))
        }
    }

    private func control(
        _ operation: CInt, _ descriptor: CInt, _ interest: Interest, _ token: Token
    ) throws(SystemCallError) {
        var event = epoll_event()
        event.data.u64 = token.rawValue
        if interest.contains(.readable) { event.events |= EPOLLIN.rawValue }
        if interest.contains(.writable) { event.events |= EPOLLOUT.rawValue }
        guard epoll_ctl(self.descriptor, operation, descriptor, &event) == 0 else { throw .last("epoll_ctl") }
    }
}

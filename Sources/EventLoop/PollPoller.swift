import Glibc

/// poll(2).
final class PollPoller: Poller {
    private var watched: [pollfd] = []
    private var tokens: [Token] = []
    private var places: [CInt: Int] = [:]

    func add(_ descriptor: CInt, _ interest: Interest, token: Token) {
        places[descriptor] = watched.count
        watched.append(pollfd(fd: descriptor, events: interest.pollEvents, revents: 0))
        tokens.append(token)
    }

    func modify(_ descriptor: CInt, _ interest: Interest, token: Token) {
        guard let place = places[descriptor] else { return }
        watched[place].events = interest.pollEvents
    }

    func remove(_ descriptor: CInt) {
        guard let place = places.removeValue(forKey: descriptor) else { return }
        let last = watched.count - 1
        if place < last {
            watched[place] = watched[last]
            tokens[place] = tokens[last]
            places[watched[place].fd] = place
        }
        watched.removeLast()
        tokens.removeLast()
    }

    func wait(milliseconds: CInt, into ready: inout [Readiness]) throws(SystemCallError) {
        var remaining = poll(&watched, nfds_t(watched.count), milliseconds)
        guard remaining >= 0 else {
            if errno == EINTR { return }
            throw .last("poll")
        }
        for (place, descriptor) in watched.enumerated() where descriptor.revents != 0 {
            ready.append(Readiness(token: tokens[place], interest: Interest(pollEvents: descriptor.revents)))
            remaining -= 1
            if remaining == 0 { break }
        }
    }
}

extension Interest {
    fileprivate init(pollEvents: Int16) {
        self = []
        if pollEvents & Int16(POLLIN) != 0 { insert(.readable) }
        if pollEvents & Int16(POLLOUT) != 0 { insert(.writable) }
        if pollEvents & Int16(POLLHUP | POLLERR) != 0 { insert(.hangUp) }
    }

    fileprivate var pollEvents: Int16 {
        Int16((contains(.readable) ? POLLIN : 0) | (contains(.writable) ? POLLOUT : 0))
    }
}

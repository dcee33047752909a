import EventLoop

extension Socket {
    /// What a transport reads where nothing stands between it and the socket.
    func read(into buffer: inout MutableSpan<UInt8>, at offset: Int = 0) throws(TransportError) -> ReadProgress {
        do {
            switch try receive(into: &buffer, at: offset) {
            case nil: return .waits(for: .readable)
            case 0: return .end
            case let count?: return .bytes(count)
            }
        } catch {
            throw .socket(error)
        }
    }

    /// What a transport writes where nothing stands between it and the socket.
    @inline(__always)
    func write(_ bytes: Span<UInt8>) throws(TransportError) -> WriteProgress {
        do {
            guard let count = try send(bytes) else { return .waits(for: .writable) }
            return .bytes(count)
        } catch {
            throw .socket(error)
        }
    }

    /// The last that a transport does. A socket that closes at once says the same by that.
    func shutDown(closes: Bool) throws(TransportError) -> Completion {
        guard !closes else { return .done }
        do {
            try shutdownSending()
        } catch {
            throw .socket(error)
        }
        return .done
    }
}

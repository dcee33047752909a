import ChatTransport
import TestSupport

/// What the server must make of what it is sent: RFC 8446, sections 5 and 6.
struct Expectation {
    enum Fate {
        /// The next text arrives.
        case open
        /// The peer's end has arrived, and nothing behind it does.
        case ended
        /// There was something that no peer may send, and nothing behind it arrives.
        case refused
    }

    private(set) var fate = Fate.open
    private(set) var text: [UInt8] = []
    private var alertsInARow = 0

    /// Bytes that are no record encrypted with the keys.
    mutating func expectRefusal() {
        if fate == .open { fate = .refused }
    }

    mutating func expectKeyUpdate() {
        alertsInARow = 0
    }

    /// An encrypted record of what need not be a TLSInnerPlaintext.
    mutating func expect(inner: [UInt8]) {
        guard fate == .open else { return }
        guard let last = inner.lastIndex(where: { $0 != 0 }) else { return expectRefusal() }
        let content = inner[..<last]
        switch inner[last] {
        case RecordForger.ContentType.applicationData where content.count <= Record.maximumSize:
            text += content
            if !content.isEmpty { alertsInARow = 0 }
        case RecordForger.ContentType.alert where content.count == 2: expectAlert(content[1])
        default: fate = .refused
        }
    }

    private mutating func expectAlert(_ description: UInt8) {
        switch description {
        case 0: fate = .ended
        case 90:
            // user_canceled. OpenSSL calls five of them a flood.
            alertsInARow += 1
            if alertsInARow == 5 { fate = .refused }
        default: fate = .refused
        }
    }
}

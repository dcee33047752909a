import ArgumentParser

/// What the kernel, and OpenSSL, cannot be spared, by what is sent and how.
enum FloorVariant: String, CaseIterable, Codable, ExpressibleByArgument {
    /// One send(2) for each line and receiver.
    case bare
    /// One send(2) for each receiver of all lines that have come.
    case batched
    /// One TLS record for each line and receiver.
    case records
    /// One TLS record for each receiver of all lines that have come.
    case batchedRecords = "batched-records"
    /// accept(2), a line, close(2).
    case connections
    /// The same with a full handshake.
    case handshakes
    /// The same with a session that is resumed.
    case resumptions

    var isTLS: Bool {
        switch self {
        case .bare, .batched, .connections: false
        case .records, .batchedRecords, .handshakes, .resumptions: true
        }
    }

    var isBatched: Bool { self == .batched || self == .batchedRecords }

    /// `nil` for a fan-out.
    var connectKind: ConnectWorkload.Kind? {
        switch self {
        case .bare, .batched, .records, .batchedRecords: nil
        case .connections: .plain
        case .handshakes: .full
        case .resumptions: .resumed
        }
    }

    /// The best that a server could do which has as many lines in flight.
    static func limit(of target: Target, inFlight: Int) -> Self {
        switch (target.isTLS, inFlight > 1) {
        case (false, false): .bare
        case (false, true): .batched
        case (true, false): .records
        case (true, true): .batchedRecords
        }
    }

    static func limit(of kind: ConnectWorkload.Kind) -> Self {
        switch kind {
        case .plain: .connections
        case .full: .handshakes
        case .resumed: .resumptions
        }
    }
}

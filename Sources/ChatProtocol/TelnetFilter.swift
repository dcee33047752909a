/// Removes telnet negotiation from a stream of bytes, so that a telnet client can be used like `nc`.
///
/// A `0xFF` that no telnet command follows is text (and not UTF-8): it stays. Keeps no bytes, whatever comes.
/// Source: RFC 854, "TELNET COMMANDS"; RFC 855 for subnegotiation.
struct TelnetFilter: Sendable {
    private enum State: Equatable {
        case text, command, option
        /// With the number of its bytes so far.
        case subnegotiation(length: Int)
        case commandInSubnegotiation(length: Int)
    }

    private enum Code {
        static let subnegotiationEnd: UInt8 = 240
        static let subnegotiation: UInt8 = 250
        static let will: UInt8 = 251
        static let dont: UInt8 = 254
        static let interpretAsCommand: UInt8 = 255
    }

    private var state = State.text

    /// Whether `chunk` would pass unchanged.
    func passes(_ chunk: Span<UInt8>) -> Bool {
        guard state == .text else { return false }
        let isASCII = chunk.union { $0 } & .highBits == 0
        return isASCII || chunk.firstIndex(of: Code.interpretAsCommand) == nil
    }

    /// What is left of `chunk` without telnet negotiation; a negotiation may begin in one chunk and end in a later one.
    mutating func filter(_ chunk: Span<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(chunk.count)
        for index in chunk.indices {
            take(chunk[index], into: &text)
        }
        return text
    }

    /// What is text after all, now that the stream has ended.
    mutating func finish() -> [UInt8] {
        defer { state = .text }
        return state == .command ? [Code.interpretAsCommand] : []
    }

    private mutating func take(_ byte: UInt8, into text: inout [UInt8]) {
        switch state {
        case .text:
            if byte == Code.interpretAsCommand { state = .command } else { text.append(byte) }
        case .command:
            switch byte {
            case Code.will...Code.dont:
                state = .option
            case Code.subnegotiation:
                state = .subnegotiation(length: 0)
            case Code.subnegotiationEnd..<Code.subnegotiation:
                state = .text
            case Code.interpretAsCommand:
                text.append(byte)  // an escaped 0xFF
                state = .text
            default:
                text += [Code.interpretAsCommand, byte]
                state = .text
            }
        case .option:
            state = .text
        case .subnegotiation(let length):
            if length == LineDecoder.maximumLineLength {
                // One that never ends would swallow everything that its sender says from then on.
                state = .text
                take(byte, into: &text)
            } else if byte == Code.interpretAsCommand {
                state = .commandInSubnegotiation(length: length + 1)
            } else {
                state = .subnegotiation(length: length + 1)
            }
        case .commandInSubnegotiation(let length):
            state = byte == Code.subnegotiationEnd ? .text : .subnegotiation(length: length)
        }
    }
}

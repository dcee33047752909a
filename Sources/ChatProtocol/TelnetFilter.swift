/// Removes telnet negotiation from a stream of bytes, so that a telnet client can be used like `nc`.
///
/// A `0xFF` that no telnet command follows is text (and not UTF-8): it stays. Holds one byte of state, whatever comes.
/// Source: RFC 854, "TELNET COMMANDS"; RFC 855 for subnegotiation.
struct TelnetFilter: Sendable {
    private enum State: UInt8 {
        case text, command, option, subnegotiation, commandInSubnegotiation
    }

    private enum Code {
        static let subnegotiationEnd: UInt8 = 240
        static let subnegotiation: UInt8 = 250
        static let will: UInt8 = 251
        static let dont: UInt8 = 254
        static let interpretAsCommand: UInt8 = 255
    }

    private var state = State.text
    private var subnegotiationLength: UInt16 = 0

    /// Whether `chunk` would pass unchanged.
    func passes(_ chunk: Span<UInt8>) -> Bool {
        state == .text && chunk.firstIndex(of: Code.interpretAsCommand) == nil
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

    private mutating func take(_ byte: UInt8, into text: inout [UInt8]) {
        switch state {
        case .text:
            if byte == Code.interpretAsCommand { state = .command } else { text.append(byte) }
        case .command:
            switch byte {
            case Code.will...Code.dont:
                state = .option
            case Code.subnegotiation:
                state = .subnegotiation
                subnegotiationLength = 0
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
        case .subnegotiation:
            subnegotiationLength += 1
            if byte == Code.interpretAsCommand {
                state = .commandInSubnegotiation
            } else if subnegotiationLength == LineDecoder.maximumLineLength {
                // One that never ends would swallow everything that its sender says from then on.
                state = .text
            }
        case .commandInSubnegotiation:
            state = byte == Code.subnegotiationEnd ? .text : .subnegotiation
        }
    }
}

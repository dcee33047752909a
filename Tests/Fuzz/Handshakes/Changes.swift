import FuzzSupport

/// What happens to a stream between a client and its server.
struct Changes {
    private enum Change {
        case flip(UInt8)
        case insert(UInt8)
        case remove
        case cutOff
    }

    private var changes: [Int: Change] = [:]
    private var position = 0
    private(set) var isCutOff = false
    /// Whether anything has changed yet.
    private(set) var hasChanged = false

    /// Up to eight: each a place in the stream, in two bytes, a kind, and a byte.
    init(_ input: inout Input) {
        while !input.isEmpty, changes.count < 8 {
            let place = Int(input.byte()) << 8 | Int(input.byte())
            let (kind, byte) = (input.byte(), input.byte())
            changes[place] =
                switch kind % 4 {
                case 0: .flip(byte)
                case 1: .insert(byte)
                case 2: .remove
                default: .cutOff
                }
        }
    }

    /// What the next bytes of the stream arrive as.
    mutating func apply(to bytes: [UInt8]) -> [UInt8] {
        var changed: [UInt8] = []
        for byte in bytes where !isCutOff {
            let change = changes[position]
            position += 1
            hasChanged = hasChanged || change != nil
            switch change {
            case nil: changed.append(byte)
            case .flip(let bits): changed.append(byte ^ bits)
            case .insert(let other): changed += [other, byte]
            case .remove: break
            case .cutOff: isCutOff = true
            }
        }
        return changed
    }
}

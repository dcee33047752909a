import ChatProtocol
import FuzzSupport

/// What several users say in one room, against what each of them must get by the protocol's words.
///
/// Input: actions, one a line. Its first byte says which, and whose by its lowest three bits; behind it stands what is said.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCommands(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = Input(start, count)
    let script = input.remaining().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
    let crowd = Crowd()
    for action in script {
        let line = Array(action.dropFirst())
        let place = Int(action[action.startIndex] & 7)
        checkCommand(line)
        switch action[action.startIndex] >> 3 {
        case UInt8(ascii: "@") >> 3: crowd.leave(place)
        case UInt8(ascii: "H") >> 3: crowd.turn()
        case UInt8(ascii: "P") >> 3: crowd.close(place, for: .idleTimeout)
        case UInt8(ascii: "X") >> 3: crowd.sayTooLong(place)
        default: crowd.say(place, line)
        }
    }
    crowd.dissolve()
    return 0
}

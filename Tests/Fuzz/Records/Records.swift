import ChatTransport
import EventLoop
import FuzzSupport
import TestSupport

/// What follows a real handshake: records that are encrypted as they should be, of any content, and what is no record.
///
/// Input: which of them the server reads at once, as they are cut, a bit each; a cut; the records.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRecords(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = Input(start, count)
    let turns = input.byte()
    let cut = Cut(&input)
    let peer = Peer()
    // Fewer than the empty ones of which OpenSSL would call a row a flood.
    for number in 0..<24 where !input.isEmpty {
        let kind = input.byte()
        let isReadAtOnce = turns & 1 << UInt8(number % 8) != 0
        peer.say(kind, &input, cut: isReadAtOnce ? cut : nil)
        if kind % Peer.kinds == 0 { peer.letServerSay(input.bytes(Int(input.byte()))) }
    }
    peer.finish()
    return 0
}

import ChatProtocol
import FuzzSupport

/// A stream of bytes through the decoder, and each of its lines through the sanitiser.
///
/// Input: at which events the receiver pauses, a bit each; a cut; the stream.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzLines(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = Input(start, count)
    let pauses = input.byte()
    let cut = Cut(&input)
    let stream = input.remaining()

    let whole = Reception(of: [stream]).found
    for (chunks, pauses) in [
        ([stream], 0xFF), (Cut.bytewise.chunks(of: stream), pauses), (cut.chunks(of: stream), 0),
        (cut.chunks(of: stream), pauses),
    ] {
        require(Reception(of: chunks, pausing: pauses).found == whole, "Neither cuts nor pauses change a line")
    }
    if !stream.contains(255) {
        require(whole == split(stream), "Without telnet, lines are what stands between LFs")
    }
    for case .line(let line) in whole { checkSanitised(line) }
    checkSanitised(stream)
    return 0
}

/// The lines by the protocol's words, of a stream without telnet.
private func split(_ stream: [UInt8]) -> [Found] {
    var lines = stream.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    // Behind the last LF there is a line only if there are bytes.
    if lines.last?.isEmpty != false { lines.removeLast() }
    return lines.map { line in
        let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        return line.count > Reception.maximumLineLength ? .tooLong : .line(Array(line))
    }
}

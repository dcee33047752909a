import FuzzSupport

/// The first bytes that a server gets, and the end behind them, on a plaintext port and on one that speaks TLS.
///
/// Input: a cut; the bytes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOpenings(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = Input(start, count)
    let cut = Cut(&input)
    let stream = input.remaining()
    let chunks = cut.chunks(of: stream)
    checkPlaintextPort(chunks, stream)
    checkTLSPort(chunks, stream)
    checkRefusal(stream)
    return 0
}

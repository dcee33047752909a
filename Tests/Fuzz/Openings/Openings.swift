import FuzzSupport

/// The first bytes that a server gets, and the end behind them, on a plaintext port and on one that speaks TLS.
///
/// Input: a cut; the bytes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOpenings(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = Input(start, count)
    let cut = Cut(&input)
    let stream = input.remaining()
    // What matters is the beginning, and each chunk is a few calls of the kernel.
    let chunks = cut.chunks(of: stream, upTo: 32)
    checkPlaintextPort(chunks, stream)
    checkTLSPort(chunks, stream)
    checkRefusal(stream)
    return 0
}

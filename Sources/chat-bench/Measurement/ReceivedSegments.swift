import Glibc

/// How many segments with data a socket has received. Over loopback each write of the sender is one of its own.
///
/// Source: tcpi_data_segs_in in linux/tcp.h's struct tcp_info, which glibc's netinet/tcp.h lacks.
func receivedSegments(of descriptor: CInt) -> Int {
    let place = 152
    var info = [UInt8](repeating: 0, count: 256)
    var size = socklen_t(info.count)
    guard getsockopt(descriptor, CInt(IPPROTO_TCP), TCP_INFO, &info, &size) == 0, size >= place + 4 else { return 0 }
    return Int(info.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: UInt32.self) })
}

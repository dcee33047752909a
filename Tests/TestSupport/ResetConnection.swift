import Foundation

/// Ends a TCP connection with a reset; the descriptor stays open.
func resetConnection(of descriptor: CInt) {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Foundation.linger>.size))
    var address = sockaddr()
    address.sa_family = sa_family_t(AF_UNSPEC)
    // connect(2): dissolves the association, which with this linger option is a reset.
    connect(descriptor, &address, socklen_t(MemoryLayout<sockaddr>.size))
}

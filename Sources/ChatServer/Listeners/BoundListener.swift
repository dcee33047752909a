import EventLoop
import SystemPackage

/// A listener's sockets, bound and listening.
struct BoundListener: Sendable {
    /// As configured, with the port that the kernel chose where 0 was asked for.
    let url: ListenerURL
    let transport: TransportFactory
    /// One for each address of the URL's host.
    let sockets: [Socket]

    /// Listens on one address: ``Socket/listening(on:keepalive:)``, or a test's own.
    typealias Listen = (SocketAddress) throws(SystemCallError) -> Socket

    /// Listens on every address of the URL's host, on one port. Blocks for the look-up of a name.
    init(
        _ configured: ListenerURL, _ transport: TransportFactory,
        listen: Listen = { address throws(SystemCallError) in try Socket.listening(on: address) }
    ) throws(ListenError) {
        var sockets: [Socket] = []
        var lack: SystemCallError?
        // A machine without IPv6 has no `::`, but may have every address of IPv4.
        let hosts = configured.host == ListenerURL.anyHost ? [configured.host, "0.0.0.0"] : [configured.host]
        do {
            for host in hosts where sockets.isEmpty {
                for var address in try SocketAddress.resolve(host: host, port: configured.port) {
                    do {
                        if let first = sockets.first { address.port = first.localAddress.port }
                        sockets.append(try listen(address))
                    } catch {
                        // Such as ::1 of `localhost` on a machine without IPv6: one of a name's addresses is enough.
                        guard error.isForLackOfAddress else { throw error }
                        lack = error
                    }
                }
            }
            if sockets.isEmpty, let lack { throw lack }
        } catch let error as SystemCallError {
            throw ListenError(url: configured, reason: error.reason)
        } catch {
            throw ListenError(url: configured, reason: error)
        }
        self.transport = transport
        self.sockets = sockets
        let port = sockets.first?.localAddress.port ?? configured.port
        url = ListenerURL(configured.transport, host: configured.host, port: port)
    }
}

extension SystemCallError {
    fileprivate var isForLackOfAddress: Bool {
        reason == .addressFamilyNotSupported || reason == .addressNotAvailable
    }
}

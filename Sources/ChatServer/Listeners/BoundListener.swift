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
        self.transport = transport
        do {
            sockets = try Self.sockets(on: configured.host, port: configured.port, listen)
        } catch .socket(let error) where error.isForLackOfAddress && configured.host == ListenerURL.anyHost {
            do {
                sockets = try Self.sockets(on: "0.0.0.0", port: configured.port, listen)
            } catch {
                throw ListenError(url: configured, reason: error)
            }
        } catch {
            throw ListenError(url: configured, reason: error)
        }
        let port = sockets.first?.localAddress.port ?? configured.port
        url = ListenerURL(configured.transport, host: configured.host, port: port)
    }

    private static func sockets(
        on host: String, port: UInt16, _ listen: Listen
    ) throws(ListenError.Reason) -> [Socket] {
        let addresses: [SocketAddress]
        do {
            addresses = try SocketAddress.resolve(host: host, port: port)
        } catch {
            throw .name(error)
        }
        var sockets: [Socket] = []
        var lack: SystemCallError?
        for var address in addresses {
            do {
                if let first = sockets.first { address.port = first.localAddress.port }
                sockets.append(try listen(address))
            } catch  where error.isForLackOfAddress {
                // Such as ::1 of `localhost` on a machine without IPv6: one of a name's addresses is enough.
                lack = error
            } catch {
                throw .socket(error)
            }
        }
        if sockets.isEmpty, let lack { throw .socket(lack) }
        return sockets
    }
}

extension SystemCallError {
    fileprivate var isForLackOfAddress: Bool {
        reason == .addressFamilyNotSupported || reason == .addressNotAvailable
    }
}

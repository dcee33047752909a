import Foundation
import Locking

/// Lets a client that speaks plain text speak TLS: what it says on one end of a socket pair goes over a TCP connection.
public final class TLSTunnel: Sendable {
    /// How the server's direction ended.
    public enum Ending: Equatable, Sendable {
        /// In order.
        case closeNotify
        /// With the TCP connection's end, but without close_notify.
        case truncated
        /// With a reset of the TCP connection, from either side.
        case reset
        /// It has not, though the client was let go of some time ago.
        case clientLeft
        /// With an error, in OpenSSL's or the system's words.
        case failed(String)
    }

    /// What a handshake has led to.
    public struct Handshake: Equatable, Sendable {
        /// `TLSv1.3`
        public let version: String
        /// `TLS_AES_256_GCM_SHA384`
        public let cipher: String
        public let alpn: String?
        public let isResumed: Bool
        /// PEM of the server's own, without what it showed behind it.
        public let certificate: String?
    }

    /// A session that another connection can resume.
    public struct Session: Equatable, Sendable {
        let encoded: [UInt8]
    }

    /// `nil` once it is closed.
    private let tcp: LockedValue<CInt?>
    private let handshakePromise = Promise<Handshake?>()
    private let endingPromise = Promise<(ending: Ending, session: Session?)>()

    /// Takes both sockets over, and closes them at its end.
    ///
    /// - Parameters:
    ///   - plain: one end of a socket pair; the tunnel ends when the other is closed.
    ///   - tcp: connected to the server.
    public init(from plain: CInt, to tcp: CInt, options: TLSClientOptions) {
        // OpenSSL writes without MSG_NOSIGNAL.
        signal(SIGPIPE, SIG_IGN)
        self.tcp = LockedValue(tcp)
        Thread.detachNewThread { self.run(from: plain, to: tcp, options) }
    }

    private func run(from plain: CInt, to tcp: CInt, _ options: TLSClientOptions) {
        for socket in [plain, tcp] { _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK) }
        do {
            let connection = try ClientConnection(options, over: tcp)
            TunnelPump(plain: plain, tcp: tcp, connection: connection, tunnel: self).run()
        } catch {
            ended(.failed("\(error)"), session: nil)
        }
        close(plain)
        self.tcp.withLock {
            close(tcp)
            $0 = nil
        }
    }

    func established(_ handshake: Handshake) {
        handshakePromise.keep(handshake)
    }

    func ended(_ ending: Ending, session: Session?) {
        handshakePromise.keep(nil)
        endingPromise.keep((ending, session))
    }

    /// Resets the TCP connection, if there still is one.
    public func reset() {
        tcp.withLock { if let tcp = $0 { resetConnection(of: tcp) } }
    }

    /// What the handshake led to, when it is done; `nil` if it fails.
    public func handshake() async -> Handshake? {
        await handshakePromise.value() ?? nil
    }

    /// How the server's direction ended, when it has; `nil` only if the task is cancelled.
    public func ending() async -> Ending? {
        await endingPromise.value()?.ending
    }

    /// When the server's direction has ended: its last session, if that can be resumed.
    public func session() async -> Session? {
        await endingPromise.value()?.session
    }
}

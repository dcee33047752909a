import ChatTransport
import Foundation

extension ServerConfiguration {
    /// Reads every setting from the first of the sources that sets it, and says what is in force.
    ///
    /// `PORT`, which the original server reads, replaces the port of the default plaintext listener. Throws for the first
    /// bad value or unknown key.
    public static func load(
        _ sources: [ConfigurationSource]
    ) throws(ConfigurationError) -> (configuration: Self, settings: [EffectiveSetting]) {
        var reader = SettingReader(sources)
        var configuration = Self()
        configuration.tls = try tls(&reader)
        let encrypted = ListenerURL(.tls, host: ListenerURL.anyHost, port: defaultTLSPort)
        let others = configuration.tls == nil ? [] : [encrypted]
        configuration.listeners = try reader.values(
            "listen", .listener, default: configuration.listeners + others,
            substitute: ("PORT", .port, { [ListenerURL(.plain, host: ListenerURL.anyHost, port: $0)] + others }))
        if configuration.tls == nil, let encrypted = configuration.listeners.first(where: { $0.transport == .tls }) {
            throw reader.error("listen", "\(encrypted) needs tls.certificate and tls.private-key")
        }
        configuration.eventLoops = try reader.value(
            "event-loops", .number(1...maximumEventLoops), default: min(availableCores, maximumEventLoops))
        configuration.logLevel = try reader.value("log-level", .oneOf, default: configuration.logLevel)
        configuration.limits = try limits(&reader)
        try reader.rejectReplacedKeys([
            "limits.send-queue": "limits.room-log", "limits.total-send-queue": "limits.memory",
            "limits.minimum-drain": "limits.minimum-read-rate",
        ])
        try reader.rejectUnknownKeys()
        return (configuration, reader.settings)
    }

    private static func tls(_ reader: inout SettingReader) throws(ConfigurationError) -> TLSConfiguration? {
        let certificates = try reader.values("tls.certificate", .path, default: [])
        let privateKeys = try reader.values("tls.private-key", .path, default: [])
        let clientCA = try reader.value("tls.client-ca", .optionalPath, default: nil)
        let policy = try tlsPolicy(&reader, verifiesClients: clientCA != nil)
        guard certificates.count == privateKeys.count else {
            let key = privateKeys.count < certificates.count ? "tls.certificate" : "tls.private-key"
            throw reader.error(
                key, "\(certificates.count) of tls.certificate and \(privateKeys.count) of tls.private-key do not pair")
        }
        guard !certificates.isEmpty else {
            if clientCA != nil { throw reader.error("tls.client-ca", "needs tls.certificate and tls.private-key") }
            return nil
        }
        var tls = TLSConfiguration(
            pairs: zip(certificates, privateKeys).map { .init(certificate: $0, privateKey: $1) })
        tls.clientCA = clientCA
        tls.policy = policy
        return tls
    }

    private static func tlsPolicy(
        _ reader: inout SettingReader, verifiesClients: Bool
    ) throws(ConfigurationError) -> TLSPolicy {
        var policy = TLSPolicy()
        policy.clientAuthentication = try reader.value(
            "tls.client-auth", .oneOf, default: verifiesClients ? .optional : .off)
        if policy.clientAuthentication != .off, !verifiesClients {
            throw reader.error("tls.client-auth", "needs tls.client-ca, which vouches for clients")
        }
        policy.minimumVersion = try reader.value("tls.minimum-version", .oneOf, default: policy.minimumVersion)
        policy.ciphers = try reader.value(
            "tls.ciphers", .list(of: "ciphers", isKnown: TLSPolicy.isKnown(ciphers:)), default: policy.ciphers)
        policy.cipherSuites = try reader.value(
            "tls.ciphersuites", .list(of: "TLS 1.3 cipher suites", isKnown: TLSPolicy.isKnown(cipherSuites:)),
            default: policy.cipherSuites)
        policy.groups = try reader.value(
            "tls.groups", .list(of: "groups", isKnown: TLSPolicy.isKnown(groups:)), default: policy.groups)
        return policy
    }

    private static func limits(_ reader: inout SettingReader) throws(ConfigurationError) -> Limits {
        var limits = Limits()
        limits.connections = try reader.value(
            "limits.connections", .number(1...10_000_000), default: limits.connections)
        limits.connectionsPerAddress = try reader.value(
            "limits.connections-per-address", .number(1...10_000_000), default: limits.connectionsPerAddress)
        limits.connectionRate = try reader.value(
            "limits.connection-rate", .number(1...10_000_000), default: limits.connectionRate)
        limits.handshakes = try reader.value("limits.handshakes", .number(1...10_000_000), default: limits.handshakes)
        limits.users = try reader.value("limits.users", .number(1...10_000_000), default: limits.users)
        limits.usernameLength = try reader.value(
            "limits.username-length", .number(1...255), default: limits.usernameLength)
        limits.lineLength = try reader.value("limits.line-length", .bytes(64...64 << 10), default: limits.lineLength)
        limits.handshakeTimeout = try reader.value(
            "limits.handshake-timeout", .duration, default: limits.handshakeTimeout)
        limits.loginTimeout = try reader.value("limits.login-timeout", .duration, default: limits.loginTimeout)
        limits.idleTimeout = try reader.value("limits.idle-timeout", .durationOrOff, default: limits.idleTimeout)
        limits.keepalive = try reader.value("limits.keepalive", .durationOrOff, default: limits.keepalive)
        limits.roomLog = try reader.value("limits.room-log", .bytes(1 << 20...1 << 30), default: limits.roomLog)
        limits.memory = try reader.value(
            "limits.memory", .bytes(4 << 20...1 << 40),
            default: max(limits.memory, Limits.leastRoomLogs * limits.roomLog))
        if limits.memory < Limits.leastRoomLogs * limits.roomLog {
            throw reader.error(
                "limits.memory",
                "is less than \(Limits.leastRoomLogs) times limits.room-log, which is \(limits.roomLog)")
        }
        limits.minimumReadRate = try reader.value(
            "limits.minimum-read-rate", .bytes(1...1 << 30), default: limits.minimumReadRate)
        limits.stallTimeout = try reader.value(
            "limits.stall-timeout", .duration(atLeast: .seconds(5)), default: limits.stallTimeout)
        limits.interactiveRate = try reader.value(
            "limits.interactive-rate", .bytes(1...1 << 30), default: limits.interactiveRate)
        limits.exempt = try reader.values("limits.exempt", .network, default: limits.exempt)
        limits.shutdownGrace = try reader.value("limits.shutdown-grace", .duration, default: limits.shutdownGrace)
        return limits
    }

    /// Those that the process may run on, which a container may limit.
    private static var availableCores: Int { ProcessInfo.processInfo.activeProcessorCount }
}

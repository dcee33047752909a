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
        let port = try reader.variable("PORT", .port, insteadOf: "listen")
        if let port {
            configuration.listeners = [ListenerURL(.plain, host: ListenerURL.anyHost, port: port.value)]
        }
        if configuration.tls != nil {
            configuration.listeners.append(ListenerURL(.tls, host: ListenerURL.anyHost, port: defaultTLSPort))
        }
        try reader.read("listen", each: .listener, into: &configuration.listeners, defaultFrom: port?.source)
        guard !configuration.listeners.isEmpty else { throw reader.error("listen", "is empty") }
        if configuration.tls == nil, let encrypted = configuration.listeners.first(where: { $0.transport == .tls }) {
            throw reader.error("listen", "\(encrypted) needs tls.certificate and tls.private-key")
        }
        configuration.eventLoops = min(availableCores, maximumEventLoops)
        try reader.read("event-loops", .number(1...maximumEventLoops), into: &configuration.eventLoops)
        try reader.read("log-level", .oneOf, into: &configuration.logLevel)
        configuration.limits = try limits(&reader)
        try reader.rejectReplacedKeys([
            "limits.send-queue": "limits.room-log", "limits.total-send-queue": "limits.memory",
            "limits.minimum-drain": "limits.minimum-read-rate",
        ])
        try reader.rejectUnknownKeys()
        return (configuration, reader.settings)
    }

    private static func tls(_ reader: inout SettingReader) throws(ConfigurationError) -> TLSConfiguration? {
        var certificates: [String] = []
        var privateKeys: [String] = []
        var clientCA: String?
        try reader.read("tls.certificate", each: .path, into: &certificates)
        try reader.read("tls.private-key", each: .path, into: &privateKeys)
        try reader.read("tls.client-ca", .optionalPath, into: &clientCA)
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
        policy.clientAuthentication = verifiesClients ? .optional : .off
        try reader.read("tls.client-auth", .oneOf, into: &policy.clientAuthentication)
        if policy.clientAuthentication != .off, !verifiesClients {
            throw reader.error("tls.client-auth", "needs tls.client-ca, which vouches for clients")
        }
        try reader.read("tls.minimum-version", .oneOf, into: &policy.minimumVersion)
        try reader.read(
            "tls.ciphers", .list(of: "ciphers", isKnown: TLSPolicy.isKnown(ciphers:)), into: &policy.ciphers)
        try reader.read(
            "tls.ciphersuites", .list(of: "TLS 1.3 cipher suites", isKnown: TLSPolicy.isKnown(cipherSuites:)),
            into: &policy.cipherSuites)
        try reader.read("tls.groups", .list(of: "groups", isKnown: TLSPolicy.isKnown(groups:)), into: &policy.groups)
        return policy
    }

    private static func limits(_ reader: inout SettingReader) throws(ConfigurationError) -> Limits {
        var limits = Limits()
        try reader.read("limits.connections", .number(1...10_000_000), into: &limits.connections)
        try reader.read(
            "limits.connections-per-address", .number(1...10_000_000), into: &limits.connectionsPerAddress)
        try reader.read("limits.connection-rate", .number(1...10_000_000), into: &limits.connectionRate)
        try reader.read("limits.handshakes", .number(1...10_000_000), into: &limits.handshakes)
        try reader.read("limits.users", .number(1...10_000_000), into: &limits.users)
        try reader.read("limits.username-length", .number(1...255), into: &limits.usernameLength)
        try reader.read("limits.line-length", .bytes(64...64 << 10), into: &limits.lineLength)
        try reader.read("limits.handshake-timeout", .duration, into: &limits.handshakeTimeout)
        try reader.read("limits.login-timeout", .duration, into: &limits.loginTimeout)
        try reader.read("limits.idle-timeout", .durationOrOff, into: &limits.idleTimeout)
        try reader.read("limits.keepalive", .durationOrOff, into: &limits.keepalive)
        try reader.read("limits.room-log", .bytes(1 << 20...1 << 30), into: &limits.roomLog)
        limits.memory = max(limits.memory, Limits.leastRoomLogs * limits.roomLog)
        try reader.read("limits.memory", .bytes(4 << 20...1 << 40), into: &limits.memory)
        if limits.memory < Limits.leastRoomLogs * limits.roomLog {
            throw reader.error(
                "limits.memory",
                "is less than \(Limits.leastRoomLogs) times limits.room-log, which is \(limits.roomLog)")
        }
        try reader.read("limits.minimum-read-rate", .bytes(1...1 << 30), into: &limits.minimumReadRate)
        try reader.read("limits.stall-timeout", .duration(atLeast: .seconds(5)), into: &limits.stallTimeout)
        try reader.read("limits.interactive-rate", .bytes(1...1 << 30), into: &limits.interactiveRate)
        try reader.read("limits.exempt", each: .network, into: &limits.exempt)
        try reader.read("limits.shutdown-grace", .duration, into: &limits.shutdownGrace)
        return limits
    }

    /// Those that the process may run on, which a container may limit.
    private static var availableCores: Int { ProcessInfo.processInfo.activeProcessorCount }
}

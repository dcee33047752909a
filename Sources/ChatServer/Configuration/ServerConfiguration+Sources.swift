import Foundation

extension ServerConfiguration {
    /// Reads every setting from the first of the sources that sets it, and says what is in force.
    ///
    /// The origin's `PORT` replaces the port of the default listener. Throws for the first bad value or unknown key.
    public static func load(
        _ sources: [ConfigurationSource]
    ) throws(ConfigurationError) -> (configuration: Self, settings: [EffectiveSetting]) {
        var reader = SettingReader(sources)
        var configuration = Self()
        configuration.listeners = try reader.values(
            "listen", .listener, default: configuration.listeners,
            substitute: ("PORT", .port, { [ListenerURL(.plain, host: ListenerURL.anyHost, port: $0)] }))
        configuration.eventLoops = try reader.value(
            "event-loops", .number(1...maximumEventLoops), default: min(availableCores, maximumEventLoops))
        configuration.logLevel = try reader.value("log-level", .logLevel, default: configuration.logLevel)
        configuration.limits = try limits(&reader)
        try reader.rejectUnknownKeys()
        return (configuration, reader.settings)
    }

    private static func limits(_ reader: inout SettingReader) throws(ConfigurationError) -> Limits {
        var limits = Limits()
        limits.connections = try reader.value(
            "limits.connections", .number(1...10_000_000), default: limits.connections)
        limits.loginTimeout = try reader.value("limits.login-timeout", .duration, default: limits.loginTimeout)
        limits.idleTimeout = try reader.value("limits.idle-timeout", .durationOrOff, default: limits.idleTimeout)
        limits.sendQueue = try reader.value(
            "limits.send-queue", .bytes(64 << 10...1 << 30), default: limits.sendQueue)
        limits.shutdownGrace = try reader.value("limits.shutdown-grace", .duration, default: limits.shutdownGrace)
        return limits
    }

    /// Those that the process may run on, which a container may limit.
    private static var availableCores: Int { ProcessInfo.processInfo.activeProcessorCount }
}

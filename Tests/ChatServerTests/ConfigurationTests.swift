import ChatTransport
import EventLoop
import Foundation
import Logging
import TestSupport
import Testing

@testable import ChatServer

/// A file that lives as long as a test needs it.
final class TemporaryFile {
    let path: String

    private let folder: TemporaryFolder

    init(_ contents: String, name: String = "chat.yaml") throws {
        folder = try TemporaryFolder()
        path = try folder.write(contents, to: name)
    }
}

struct ConfigurationTests {
    private func load(_ sources: ConfigurationSource...) throws -> ServerConfiguration {
        try ServerConfiguration.load(sources).configuration
    }

    private func problem(_ sources: ConfigurationSource...) -> String? {
        do {
            _ = try ServerConfiguration.load(sources)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test("Without any source, the defaults")
    func defaults() throws {
        let configuration = try load()
        #expect(configuration.listeners.map(\.description) == ["plain://[::]:4000"])
        #expect(configuration.eventLoops == min(ProcessInfo.processInfo.activeProcessorCount, 64))
        #expect(configuration.logLevel == .info)
        #expect(configuration.limits == Limits())
    }

    @Test("Flag, environment, .env, file, default: the first that sets a key wins")
    func precedence() throws {
        let yaml = try TemporaryFile(
            "event-loops: 4\nlog-level: error\nlimits:\n  connections: 4\n  idle-timeout: 4s\n")
        let env = try TemporaryFile(
            "CHAT_EVENT_LOOPS=3\nCHAT_LOG_LEVEL=notice\nCHAT_LIMITS_CONNECTIONS=3\n", name: ".env")
        let (configuration, settings) = try ServerConfiguration.load([
            .flags(["event-loops": "1"], lists: [:]),
            .environment(["CHAT_EVENT_LOOPS": "2", "CHAT_LOG_LEVEL": "debug"]),
            try .environmentFile(env.path),
            try .file(yaml.path),
        ])
        #expect(configuration.eventLoops == 1)
        #expect(configuration.logLevel == .debug)
        #expect(configuration.limits.connections == 3)
        #expect(configuration.limits.idleTimeout == .seconds(4))
        #expect(configuration.limits.loginTimeout == .seconds(60))
        let origins = Dictionary(uniqueKeysWithValues: settings.map { ($0.key, $0.source) })
        #expect(origins["event-loops"] == "command line")
        #expect(origins["log-level"] == "environment")
        #expect(origins["limits.connections"] == env.path)
        #expect(origins["limits.idle-timeout"] == yaml.path)
        #expect(origins["limits.login-timeout"] == .some(nil))
    }

    @Test("Several listeners, in each source's own way")
    func listeners() throws {
        let expected = ["plain://127.0.0.1:1", "plain://[::1]:2"]
        let list = try TemporaryFile("listen:\n  - plain://127.0.0.1:1\n  - plain://[::1]:2\n")
        #expect(try load(.file(list.path)).listeners.map(\.description) == expected)
        let variables = ["CHAT_LISTEN": "plain://127.0.0.1:1, plain://[::1]:2"]
        #expect(try load(.environment(variables)).listeners.map(\.description) == expected)
        #expect(try load(.flags([:], lists: ["listen": expected])).listeners.map(\.description) == expected)
        let single = try TemporaryFile("listen: plain://127.0.0.1:1\n")
        #expect(try load(.file(single.path)).listeners.map(\.description) == ["plain://127.0.0.1:1"])
    }

    @Test("PORT replaces the default's port, and nothing that is configured")
    func port() throws {
        let env = try TemporaryFile("PORT=6000\n", name: ".env")
        let file = try ConfigurationSource.environmentFile(env.path)
        #expect(try load(file).listeners.map(\.description) == ["plain://[::]:6000"])
        #expect(try load(.environment(["PORT": "5000"]), file).listeners.map(\.description) == ["plain://[::]:5000"])
        let flags = ConfigurationSource.flags([:], lists: ["listen": ["plain://localhost:1"]])
        #expect(try load(flags, .environment(["PORT": "5000"])).listeners.map(\.description) == ["plain://localhost:1"])
    }

    @Test("PORT is looked at only where it counts, and is the source that --check-config names")
    func portAsSource() throws {
        let flags = ConfigurationSource.flags([:], lists: ["listen": ["plain://localhost:1"]])
        #expect(problem(flags, .environment(["PORT": "x"])) == nil)
        #expect(try load(.environment(["PORT": ""])).listeners.map(\.description) == ["plain://[::]:4000"])
        let settings = try ServerConfiguration.load([.environment(["PORT": "5000"])]).settings
        #expect(
            settings.first { $0.key == "listen" }?.description == "listen: \"plain://[::]:5000\"  # environment: PORT")
    }

    @Test("A .env file is read as shells and other tools read one")
    func environmentFile() throws {
        let text = """
            # PORT=1
            export CHAT_EVENT_LOOPS=2
            CHAT_LOG_LEVEL="debug"\r
            CHAT_LIMITS_CONNECTIONS = '5'
            not ours
            CHAT_LIMITS_IDLE_TIMEOUT=
            OTHER=a=b
            PORT=6000 # the office's
            CHAT_LIMITS_ROOM_LOG='2MiB' # small
            """
        let file = try TemporaryFile(text, name: ".env")
        let configuration = try load(.environmentFile(file.path))
        #expect(configuration.eventLoops == 2)
        #expect(configuration.logLevel == .debug)
        #expect(configuration.limits.connections == 5)
        #expect(configuration.limits.idleTimeout == nil)
        #expect(configuration.listeners.map(\.port) == [6000])
        #expect(configuration.limits.roomLog == 2 << 20)
    }

    @Test(
        "A comment in a .env file begins at a # after white space",
        arguments: [
            ("A= # note", ""), ("A=b\t# note", "b"), ("A = b ", "b"), ("A=b c # note # note", "b c"), ("A=b#c", "b#c"),
            ("A=#b", "#b"), ("A= 'b # c' # note", "b # c"), ("A=\"it's\"", "it's"), ("A=\"b", "\"b"), ("A=", ""),
        ])
    func environmentFileComment(_ line: String, value: String) {
        #expect(EnvironmentFile(line).variables == ["A": value])
    }

    @Test("A key without a value, everything below it commented out, is no unknown key")
    func emptySection() throws {
        let file = try TemporaryFile("limits:\n  # connections: 5\n")
        #expect(problem(try .file(file.path)) == nil)
    }

    @Test("A .env file that does not exist is silent; an empty file, or one of comments, too")
    func missing() throws {
        #expect(try load(try .environmentFile("/nonexistent/.env")).listeners.count == 1)
        for text in ["", "# nothing\n"] {
            let file = try TemporaryFile(text)
            #expect(problem(try .file(file.path)) == nil)
        }
    }

    @Test(
        "Sizes and times are written as people write them",
        arguments: [("64KiB", 64 << 10), ("1MiB", 1 << 20), ("100000", 100_000), ("1GiB", 1 << 30)])
    func sizes(_ text: String, bytes: Int) throws {
        #expect(try load(.environment(["CHAT_LIMITS_MINIMUM_READ_RATE": text])).limits.minimumReadRate == bytes)
    }

    @Test(
        "Times",
        arguments: [
            ("500ms", Duration.milliseconds(500)), ("30s", .seconds(30)), ("5m", .seconds(300)),
            ("1h", .seconds(3_600)),
        ])
    func times(_ text: String, duration: Duration) throws {
        #expect(try load(.environment(["CHAT_LIMITS_IDLE_TIMEOUT": text])).limits.idleTimeout == duration)
        #expect(try load(.environment(["CHAT_LIMITS_LOGIN_TIMEOUT": text])).limits.loginTimeout == duration)
    }

    @Test(
        "A bad value is one line with its source and its key",
        arguments: [
            (["PORT": "http"], "environment: PORT: 'http' is not a port, 0 to 65535"),
            (["PORT": "65536"], "environment: PORT: '65536' is not a port, 0 to 65535"),
            (
                ["CHAT_EVENT_LOOPS": "0"],
                "environment: CHAT_EVENT_LOOPS: '0' is not a whole number from 1 to 64"
            ),
            (
                ["CHAT_LIMITS_LOGIN_TIMEOUT": "60"],
                "environment: CHAT_LIMITS_LOGIN_TIMEOUT: '60' is not a time such as 500ms, 30s, 5m or 1h"
            ),
            (
                ["CHAT_LIMITS_IDLE_TIMEOUT": "never"],
                "environment: CHAT_LIMITS_IDLE_TIMEOUT: 'never' is not off, or a time such as 500ms, 30s, 5m or 1h"
            ),
            (
                ["CHAT_LIMITS_ROOM_LOG": "9223372036854775807GiB"],
                "environment: CHAT_LIMITS_ROOM_LOG: '9223372036854775807GiB' is not a size such as 1MiB or 65536, "
                    + "from 1MiB to 1GiB"
            ),
            (
                ["CHAT_LIMITS_STALL_TIMEOUT": "4s"],
                "environment: CHAT_LIMITS_STALL_TIMEOUT: '4s' is not a time such as 500ms, 30s, 5m or 1h, at least 5s"
            ),
            (
                ["CHAT_LIMITS_EXEMPT": "localhost"],
                "environment: CHAT_LIMITS_EXEMPT: 'localhost' is not a network such as 127.0.0.0/8 or ::1"
            ),
            (
                ["CHAT_LIMITS_ROOM_LOG": "16MiB", "CHAT_LIMITS_MEMORY": "63MiB"],
                "environment: CHAT_LIMITS_MEMORY: is less than 4 times limits.room-log, which is 16777216"
            ),
            (
                ["CHAT_LIMITS_SEND_QUEUE": "1MiB"],
                "environment: CHAT_LIMITS_SEND_QUEUE: was replaced by limits.room-log"
            ),
            (
                ["CHAT_LIMITS_TOTAL_SEND_QUEUE": "1MiB"],
                "environment: CHAT_LIMITS_TOTAL_SEND_QUEUE: was replaced by limits.memory"
            ),
            (
                ["CHAT_LIMITS_MINIMUM_DRAIN": "1"],
                "environment: CHAT_LIMITS_MINIMUM_DRAIN: was replaced by limits.minimum-read-rate"
            ),
        ])
    func badValues(_ variables: [String: String], expected: String) {
        #expect(problem(.environment(variables)) == expected)
    }

    @Test("Every limit has a key")
    func limits() throws {
        let configuration = try load(
            .environment([
                "CHAT_LIMITS_CONNECTIONS": "1", "CHAT_LIMITS_CONNECTIONS_PER_ADDRESS": "2",
                "CHAT_LIMITS_CONNECTION_RATE": "3", "CHAT_LIMITS_HANDSHAKES": "4", "CHAT_LIMITS_USERS": "5",
                "CHAT_LIMITS_USERNAME_LENGTH": "6", "CHAT_LIMITS_LINE_LENGTH": "64",
                "CHAT_LIMITS_HANDSHAKE_TIMEOUT": "7s", "CHAT_LIMITS_LOGIN_TIMEOUT": "8s",
                "CHAT_LIMITS_IDLE_TIMEOUT": "9s", "CHAT_LIMITS_KEEPALIVE": "off", "CHAT_LIMITS_ROOM_LOG": "2MiB",
                "CHAT_LIMITS_MEMORY": "8MiB", "CHAT_LIMITS_MINIMUM_READ_RATE": "10",
                "CHAT_LIMITS_STALL_TIMEOUT": "12s", "CHAT_LIMITS_INTERACTIVE_RATE": "13",
                "CHAT_LIMITS_EXEMPT": "192.0.2.0/24", "CHAT_LIMITS_SHUTDOWN_GRACE": "11s",
            ]))
        var expected = Limits()
        expected.connections = 1
        expected.connectionsPerAddress = 2
        expected.connectionRate = 3
        expected.handshakes = 4
        expected.users = 5
        expected.usernameLength = 6
        expected.lineLength = 64
        expected.handshakeTimeout = .seconds(7)
        expected.loginTimeout = .seconds(8)
        expected.idleTimeout = .seconds(9)
        expected.keepalive = nil
        expected.roomLog = 2 << 20
        expected.memory = 8 << 20
        expected.minimumReadRate = 10
        expected.stallTimeout = .seconds(12)
        expected.interactiveRate = 13
        expected.exempt = [try #require(Network("192.0.2.0/24"))]
        expected.shutdownGrace = .seconds(11)
        #expect(configuration.limits == expected)
    }

    @Test("Memory is enough for the rooms' logs, if nobody sets it")
    func memory() throws {
        #expect(try load(.environment(["CHAT_LIMITS_ROOM_LOG": "1GiB"])).limits.memory == 4 << 30)
    }

    @Test("A list of networks may be empty")
    func exemptNobody() throws {
        let file = try TemporaryFile("limits:\n  exempt: []\n")
        #expect(try load(.file(file.path)).limits.exempt.isEmpty)
    }

    @Test(
        "What is no listener is refused",
        arguments: [
            "ssl://0.0.0.0:4433", "4000", "plain://4000", "plain://localhost", "plain://:4000", "plain://::1:4000",
            "plain://[::1]", "plain://[localhost]:1", "plain://h:65536", "plain://h:1/x", "plain://u@h:1", "http://h:1",
            "",
        ])
    func badListeners(_ url: String) {
        #expect(
            problem(.flags([:], lists: ["listen": [url]]))
                == "command line: --listen: '\(url)' is not a listener such as plain://[::]:4000, "
                + "with one of the transports plain, tls")
    }

    @Test(
        "A bad file is one line with its path and the place",
        arguments: [
            ("event-loops: 2\nlimits:\n  conections: 5\n", "line 3: limits.conections: unknown key"),
            ("lisen: x\n", "line 1: lisen: unknown key"),
            ("limits: 3\n", "line 1: limits: has keys below it, and no value of its own"),
            ("listen: []\n", "listen: is empty"),
            (
                "limits:\n  room-log: 2MiB\n  memory: 4MiB\n",
                "limits.memory: is less than 4 times limits.room-log, which is 2097152"
            ),
            ("event-loops: [1, 2]\n", "event-loops: takes a single value"),
            (
                "log-level: loud\n",
                "log-level: 'loud' is not one of trace, debug, info, notice, warning, error, critical"
            ),
            ("a: b: c\n", "line 1: mapping values are not allowed in this context"),
            ("log-level: info\nlog-level: debug\n", "key given twice: log-level"),
            ("- a\n", "is not a list of keys and values"),
            (
                "log-level: \"a\\nb\"\n",
                "log-level: 'a\u{FFFD}b' is not one of trace, debug, info, notice, warning, error, critical"
            ),
        ])
    func badFiles(_ text: String, expected: String) throws {
        let file = try TemporaryFile(text)
        #expect(throws: ConfigurationError.self) { try load(.file(file.path)) }
        do {
            _ = try load(.file(file.path))
        } catch {
            #expect("\(error)" == "\(file.path): \(expected)")
        }
    }

    @Test("A file that cannot be read says why")
    func unreadable() {
        do {
            _ = try load(.file("/nonexistent/chat.yaml"))
            Issue.record("A file that does not exist was read")
        } catch {
            #expect("\(error)" == "/nonexistent/chat.yaml: cannot be read: No such file or directory")
        }
    }

    @Test("The settings in force are themselves a configuration file")
    func settingsAreAFile() throws {
        let (configuration, settings) = try ServerConfiguration.load([
            .environment(["CHAT_LISTEN": "plain://127.0.0.1:1,plain://[::1]:2", "CHAT_LIMITS_IDLE_TIMEOUT": "90s"])
        ])
        let file = try TemporaryFile(settings.map { "\($0)\n" }.joined())
        let again = try load(.file(file.path))
        #expect(again.listeners == configuration.listeners)
        #expect(again.limits == configuration.limits)
        #expect(again.eventLoops == configuration.eventLoops)
    }

    private static let certificate = ["CHAT_TLS_CERTIFICATE": "c.pem", "CHAT_TLS_PRIVATE_KEY": "k.pem"]

    @Test("With a certificate, both transports are listened on by default")
    func defaultListeners() throws {
        let both = ["plain://[::]:4000", "tls://[::]:4433"]
        #expect(try load(.environment(Self.certificate)).listeners.map(\.description) == both)
        let port = Self.certificate.merging(["PORT": "5000"]) { $1 }
        #expect(try load(.environment(port)).listeners.map(\.description) == ["plain://[::]:5000", "tls://[::]:4433"])
        let listen = Self.certificate.merging(["CHAT_LISTEN": "plain://127.0.0.1:1"]) { $1 }
        #expect(try load(.environment(listen)).listeners.map(\.description) == ["plain://127.0.0.1:1"])
    }

    @Test("TLS is configured by flags, by variables and by a file, in each one's own way")
    func tls() throws {
        var expected = TLSConfiguration(pairs: [
            .init(certificate: "a.pem", privateKey: "a-key.pem"), .init(certificate: "b.pem", privateKey: "b-key.pem"),
        ])
        expected.clientCA = "ca.pem"
        expected.policy.clientAuthentication = .required
        expected.policy.minimumVersion = .tls13
        expected.policy.ciphers = "ECDHE-RSA-AES128-GCM-SHA256"
        expected.policy.cipherSuites = "TLS_AES_128_GCM_SHA256"
        expected.policy.groups = "P-256"
        let flags = ConfigurationSource.flags(
            [
                "tls-client-ca": "ca.pem", "tls-client-auth": "required", "tls-minimum-version": "1.3",
                "tls-ciphers": "ECDHE-RSA-AES128-GCM-SHA256", "tls-ciphersuites": "TLS_AES_128_GCM_SHA256",
                "tls-groups": "P-256",
            ],
            lists: ["tls-certificate": ["a.pem", "b.pem"], "tls-private-key": ["a-key.pem", "b-key.pem"]])
        let variables = [
            "CHAT_TLS_CERTIFICATE": "a.pem,b.pem", "CHAT_TLS_PRIVATE_KEY": "a-key.pem,b-key.pem",
            "CHAT_TLS_CLIENT_CA": "ca.pem", "CHAT_TLS_CLIENT_AUTH": "required", "CHAT_TLS_MINIMUM_VERSION": "1.3",
            "CHAT_TLS_CIPHERS": "ECDHE-RSA-AES128-GCM-SHA256", "CHAT_TLS_CIPHERSUITES": "TLS_AES_128_GCM_SHA256",
            "CHAT_TLS_GROUPS": "P-256",
        ]
        let file = try TemporaryFile(
            """
            tls:
              certificate: [a.pem, b.pem]
              private-key: [a-key.pem, b-key.pem]
              client-ca: ca.pem
              client-auth: required
              minimum-version: "1.3"
              ciphers: ECDHE-RSA-AES128-GCM-SHA256
              ciphersuites: TLS_AES_128_GCM_SHA256
              groups: P-256
            """)
        for source in [flags, .environment(variables), try .file(file.path)] {
            #expect(try load(source).tls == expected)
        }
    }

    @Test("Where authorities vouch for clients, certificates are optional unless they are said to be required or off")
    func clientAuthentication() throws {
        #expect(try load(.environment(Self.certificate)).tls?.policy.clientAuthentication == .off)
        let ca = Self.certificate.merging(["CHAT_TLS_CLIENT_CA": "ca.pem"]) { $1 }
        #expect(try load(.environment(ca)).tls?.policy.clientAuthentication == .optional)
        let off = ca.merging(["CHAT_TLS_CLIENT_AUTH": "off"]) { $1 }
        #expect(try load(.environment(off)).tls?.policy.clientAuthentication == .off)
    }

    @Test(
        "What cannot be spoken is refused, with its key",
        arguments: [
            (
                ["--tls-certificate": ["a", "b"]], [:],
                "--tls-certificate: 2 of tls.certificate and 0 of tls.private-key"
            ),
            (["--tls-private-key": ["a"]], [:], "--tls-private-key: 0 of tls.certificate and 1 of tls.private-key"),
            (["--listen": ["tls://h:1"]], [:], "--listen: tls://h:1 needs tls.certificate and tls.private-key"),
            ([:], ["--tls-client-auth": "optional"], "--tls-client-auth: needs tls.client-ca"),
            ([:], ["--tls-client-auth": "maybe"], "--tls-client-auth: 'maybe' is not one of off, optional, required"),
            ([:], ["--tls-minimum-version": "1.1"], "--tls-minimum-version: '1.1' is not one of 1.2, 1.3"),
            ([:], ["--tls-client-ca": "ca.pem"], "--tls-client-ca: needs tls.certificate and tls.private-key"),
            ([:], ["--tls-ciphers": "HIGH;ECDHE-TYPO"], "--tls-ciphers: 'HIGH;ECDHE-TYPO' is not a list of ciphers"),
            ([:], ["--tls-ciphersuites": ""], "--tls-ciphersuites: '' is not a list of TLS 1.3 cipher suites"),
            ([:], ["--tls-ciphers": "nonsense"], "--tls-ciphers: 'nonsense' is not a list of ciphers"),
            ([:], ["--tls-ciphersuites": "x"], "--tls-ciphersuites: 'x' is not a list of TLS 1.3 cipher suites"),
            ([:], ["--tls-groups": "X25519:none"], "--tls-groups: 'X25519:none' is not a list of groups"),
        ] as [([String: [String]], [String: String], String)])
    func badTLS(_ lists: [String: [String]], _ values: [String: String], _ expected: String) {
        func names<Value>(_ flags: [String: Value]) -> [String: Value] {
            Dictionary(uniqueKeysWithValues: flags.map { ("\($0.dropFirst(2))", $1) })
        }
        let problem = problem(.flags(names(values), lists: names(lists)))
        #expect(problem?.hasPrefix("command line: \(expected)") == true, "\(problem ?? "")")
    }

    @Test(
        "Ciphers may be chosen in OpenSSL's language",
        arguments: ["ECDHE+AESGCM:!aNULL:TLS_AES_128_GCM_SHA256", "HIGH:MEDIUM:-SHA:@STRENGTH"])
    func ciphers(_ list: String) throws {
        let source = Self.certificate.merging(["CHAT_TLS_CIPHERS": list]) { $1 }
        #expect(try load(.environment(source)).tls?.policy.ciphers == list)
    }

    @Test("What --check-config prints is a configuration file that says the same")
    func roundTrip() throws {
        let paths = ["CHAT_TLS_CERTIFICATE": #"it's "b"\c.pem"#, "CHAT_TLS_PRIVATE_KEY": "k\t\n\u{1}\u{1B}\u{85}.pem"]
        let settings = try ServerConfiguration.load([.environment(paths)]).settings
        let file = try TemporaryFile(settings.map(\.description).joined(separator: "\n"))
        let again = try ServerConfiguration.load([.file(file.path)])
        #expect(again.settings.map(\.key) == settings.map(\.key))
        #expect(again.settings.map(\.values) == settings.map(\.values))
        #expect(again.settings.allSatisfy { $0.source == file.path })
    }
}

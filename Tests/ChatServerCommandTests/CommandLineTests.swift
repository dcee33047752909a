import Foundation
import TestSupport
import Testing

/// What an operator sees of the program from outside.
@Suite(.timeLimit(.minutes(1)))
struct CommandLineTests {
    @Test(
        "Says on standard output where it runs, serves, and ends with status 0 on a signal",
        arguments: [SIGINT, SIGTERM])
    func runsAndEnds(_ signal: CInt) async throws {
        let server = try ServerProcess("--listen", "plain://127.0.0.1:0")
        let client = try TestClient(port: try await server.port())
        client.say("LOGIN a")
        #expect(await client.line() == "OK")
        server.process.send(signal: signal)
        #expect(await client.remainingLines() == ["INFO server shutting down"])
        client.finishSending()
        let (status, output, _) = await server.end()
        #expect(status == 0)
        #expect(output == [])
    }

    @Test("A line for each listener")
    func severalListeners() async throws {
        let server = try ServerProcess("--listen", "plain://127.0.0.1:0", "--listen", "plain://127.0.0.1:0")
        let ports = [try await server.port(), try await server.port()]
        #expect(Set(ports).count == 2)
        let clients = try ports.map { try TestClient(port: $0) }
        clients[0].say("LOGIN a")
        #expect(await clients[0].line() == "OK")
        clients[1].say("LOGIN b", "MSG one chat")
        #expect(await clients[0].lines(2) == ["INFO b joined the chat", "MSG b one chat"])
    }

    @Test("PORT from the environment, and from .env in the working directory")
    func port() async throws {
        let free = try await freePort()
        let folder = try TemporaryFolder()
        _ = try folder.write("PORT=\(free)\n", to: ".env")
        for environment in [[:], ["PORT": "0"]] {
            let server = try ServerProcess(environment: environment, directory: folder.url)
            let port = try await server.port()
            #expect((port == free) == environment.isEmpty)
            server.process.send(signal: SIGTERM)
            #expect(await server.end().status == 0)
        }
    }

    @Test("A port in use: one line, status 69, and no other listener is left open")
    func portInUse() async throws {
        let first = try ServerProcess("--listen", "plain://127.0.0.1:0")
        let taken = try await first.port()
        let second = try ServerProcess("--listen", "plain://127.0.0.1:0", "--listen", "plain://127.0.0.1:\(taken)")
        let (status, output, errors) = await second.end()
        #expect(status == 69)
        #expect(output == [])
        #expect(errors == ["chat-server: cannot listen on plain://127.0.0.1:\(taken): Address already in use"])
    }

    @Test("A bad value: one line with its source and key, status 78")
    func badValue() async throws {
        let cases: [(arguments: [String], environment: [String: String], line: String)] = [
            (["--event-loops", "many"], [:], "command line: --event-loops: 'many' is not a whole number from 1 to 64"),
            ([], ["PORT": "x"], "environment: PORT: 'x' is not a port, 0 to 65535"),
            (
                [], ["CHAT_LIMITS_CONNECTIONS": "0"],
                "environment: CHAT_LIMITS_CONNECTIONS: '0' is not a whole number from 1 to 10000000"
            ),
            (["--config", "/nonexistent"], [:], "/nonexistent: cannot be read: No such file or directory"),
        ]
        for (arguments, environment, line) in cases {
            let process = try TestProcess(ServerProcess.executable, arguments, environment: environment)
            #expect(await process.exitStatus() == 78)
            #expect(await process.errorReader.remainingLines() == ["chat-server: \(line)"])
            #expect(await process.outputReader.remainingLines() == [])
        }
    }

    @Test("A bad .env is named as the source")
    func badEnvironmentFile() async throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("CHAT_LOG_LEVEL=loud\n", to: ".env")
        let (status, _, errors) = await (try ServerProcess(directory: folder.url)).end()
        #expect(status == 78)
        #expect(errors.first?.hasPrefix("chat-server: .env: CHAT_LOG_LEVEL: 'loud' is not one of") == true)
    }

    @Test("--check-config says what is in force and where it comes from, and listens nowhere")
    func checkGoodConfiguration() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("limits:\n  connections: 7\n", to: "chat.yaml")
        let server = try ServerProcess("--check-config", "--config", file, environment: ["CHAT_EVENT_LOOPS": "3"])
        let (status, output, errors) = await server.end()
        #expect(status == 0)
        #expect(errors == [])
        #expect(output.contains("listen: \"plain://[::]:4000\"  # default"))
        #expect(output.contains("event-loops: \"3\"  # environment"))
        #expect(output.contains("limits.connections: \"7\"  # \(file)"))
    }

    @Test("--check-config on a bad file: one line with the place, status 78")
    func checkBadConfiguration() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("limits:\n  conections: 7\n", to: "chat.yaml")
        let (status, output, errors) = await (try ServerProcess("--check-config", "--config", file)).end()
        #expect(status == 78)
        #expect(output == [])
        #expect(errors == ["chat-server: \(file): line 2: limits.conections: unknown key"])
    }

    @Test("A certificate that cannot be used: one line that names its file, status 78, and nothing listens")
    func badCertificate() async throws {
        let folder = try TemporaryFolder()
        let authority = try TestAuthority()
        let (good, expired) = (try authority.issue(), try authority.issue(validTo: -60))
        let key = try folder.write(good.privateKey, to: "key.pem")
        let cut = String(good.privateKey.prefix(100))
        let cases = [
            (
                try folder.write(expired.certificate, to: "expired.pem"),
                try folder.write(expired.privateKey, to: "e.pem")
            ),
            (try folder.write(expired.certificate, to: "other.pem"), key),
            (try folder.write("nothing", to: "nothing.pem"), key), (folder.url.path + "/missing.pem", key),
            (try folder.write(good.certificate, to: "good.pem"), try folder.write("nothing", to: "nokey.pem")),
            (try folder.write(good.certificate, to: "good.pem"), try folder.write(cut, to: "cut.pem")),
        ]
        let reasons = [
            "\(cases[0].0): expired on ", "\(key): the key is not that of the certificate in \(cases[1].0)",
            "\(cases[2].0): holds no certificate in PEM", "\(cases[3].0): cannot be read: No such file or directory",
            "\(cases[4].1): holds no private key in PEM", "\(cases[5].1): PEM_read_bio_PrivateKey: ",
        ]
        for ((certificate, key), reason) in zip(cases, reasons) {
            for check in [[], ["--check-config"]] {
                let server = try ServerProcess(
                    ["--listen", "plain://127.0.0.1:0", "--tls-certificate", certificate, "--tls-private-key", key]
                        + check)
                let (status, output, errors) = await server.end()
                #expect(status == 78)
                #expect(output == [])
                #expect(errors.count == 1)
                #expect(errors.first?.hasPrefix("chat-server: \(reason)") == true, "\(errors)")
            }
        }
    }

    @Test("SIGHUP reloads the certificates; what cannot be used is said in the log and changes nothing")
    func hangup() async throws {
        let folder = try TemporaryFolder()
        let authority = try TestAuthority()
        let leaves = [try authority.issue(), try authority.issue()]
        func present(_ certificate: String, _ key: String) throws -> [String] {
            [
                "--tls-certificate", try folder.write(certificate, to: "c.pem"), "--tls-private-key",
                try folder.write(key, to: "k.pem"),
            ]
        }
        let server = try ServerProcess(
            ["--listen", "tls://127.0.0.1:0"] + present(leaves[0].certificate, leaves[0].privateKey))
        let port = try await server.port()
        func shown() async throws -> String? {
            let client = try TestClient(port: port, tls: TLSClientOptions(authority: authority.certificate))
            defer { withExtendedLifetime(client) {} }
            return await client.tunnel?.handshake()?.certificate
        }
        func logged(_ text: String) async -> String? {
            while let line = await server.process.errorReader.line() { if line.contains(text) { return line } }
            return nil
        }
        #expect(try await shown() == leaves[0].certificate)
        _ = try present(leaves[1].certificate, leaves[0].privateKey)
        server.process.send(signal: SIGHUP)
        #expect(await logged("certificates not reloaded")?.contains("the key is not that of the certificate") == true)
        #expect(try await shown() == leaves[0].certificate)
        _ = try present(leaves[1].certificate, leaves[1].privateKey)
        server.process.send(signal: SIGHUP)
        #expect(await logged("certificates reloaded") != nil)
        #expect(try await shown() == leaves[1].certificate)
        server.process.send(signal: SIGTERM)
        #expect(await server.process.exitStatus() == 0)
    }

    @Test("The program ends in order when its terminal is closed, but not under nohup", arguments: [false, true])
    func closedTerminal(_ isToBeOutlived: Bool) async throws {
        let script = try #require(TestProcess.find("script"))
        // Its own output is a file's, and not the terminal's.
        let folder = try TemporaryFolder()
        let output = folder.url.appendingPathComponent("output").path
        let command =
            "\(isToBeOutlived ? "trap '' HUP; " : "")exec \(ServerProcess.executable.path) "
            + "--listen plain://127.0.0.1:0 >\(output) 2>&1"
        let terminal = try TestProcess(script, ["-qc", command, "/dev/null"], environment: ["SHELL": "/bin/sh"])
        var port: UInt16?
        try await eventually {
            let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
            port = text.split(separator: "\n").first { $0.contains("running on port") }
                .flatMap { UInt16($0.split(separator: " ").last ?? "") }
            return port != nil
        }
        let client = try TestClient(port: try #require(port))
        client.say("LOGIN a")
        #expect(await client.line() == "OK")
        terminal.send(signal: SIGKILL)
        if isToBeOutlived {
            try await eventually {
                try String(contentsOfFile: output, encoding: .utf8).contains("no certificates to reload")
            }
            client.say("PING")
            #expect(await client.line() == "PONG")
            let pids = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }
            let server = pids.first {
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\($0)/fd/1")) == output
            }
            kill(try #require(server), SIGTERM)
        }
        #expect(await client.remainingLines() == ["INFO server shutting down"])
    }

    @Test("What outlives its terminal without nohup reloads on a later SIGHUP")
    func disowned() async throws {
        let script = try #require(TestProcess.find("script"))
        let folder = try TemporaryFolder()
        let output = folder.url.appendingPathComponent("output").path
        let command =
            "set -m; \(ServerProcess.executable.path) --listen plain://127.0.0.1:0 --log-level debug "
            + ">\(output) 2>&1 & disown; echo $! >\(folder.url.path)/pid; cat"
        let terminal = try TestProcess(script, ["-qc", command, "/dev/null"], environment: ["SHELL": "/bin/bash"])
        func log(_ text: String) async throws {
            try await eventually { (try? String(contentsOfFile: output, encoding: .utf8))?.contains(text) == true }
        }
        try await log("running on port")
        let pid = try String(contentsOfFile: "\(folder.url.path)/pid", encoding: .utf8).dropLast()
        let server = try #require(pid_t(pid))
        defer { kill(server, SIGTERM) }
        terminal.send(signal: SIGKILL)
        try await log("outlives its terminal")
        kill(server, SIGHUP)
        try await log("no certificates to reload")
    }

    @Test("SIGHUP without a certificate changes nothing")
    func hangupWithoutCertificates() async throws {
        let server = try ServerProcess("--listen", "plain://127.0.0.1:0")
        let client = try TestClient(port: try await server.port())
        server.process.send(signal: SIGHUP)
        client.say("PING")
        #expect(await client.line() == "PONG")
        while let line = await server.process.errorReader.line(), !line.contains("no certificates to reload") {}
    }

    @Test("Wrong usage ends with status 64")
    func usage() async throws {
        #expect(await (try ServerProcess("--no-such-flag")).end().status == 64)
    }

    @Test("The log tells who came and went, and never what was said")
    func log() async throws {
        let server = try ServerProcess("--listen", "plain://127.0.0.1:0", "--log-level", "trace")
        let client = try TestClient(port: try await server.port())
        client.say("LOGIN alice", "MSG secret-text", "DM alice secret-text", "LOGIN secret-text", "secret-text", "EXIT")
        _ = await client.remainingLines()
        server.process.send(signal: SIGTERM)
        let errors = await server.end().errors
        #expect(
            errors.contains { $0.contains("user=alice") && $0.contains("transport=plain") && $0.hasSuffix("logged in") }
        )
        #expect(errors.contains { $0.contains("user=alice") && $0.hasSuffix("disconnected") })
        #expect(!errors.contains { $0.contains("secret-text") })
    }

    @Test("A second SIGINT ends the program at once, though a client does not read what it is owed")
    func secondInterrupt() async throws {
        let server = try ServerProcess(
            "--listen", "plain://127.0.0.1:0", environment: ["CHAT_LIMITS_SHUTDOWN_GRACE": "1h"])
        let port = try await server.port()
        let (sender, stuck) = (try TestClient(port: port), try TestClient(port: port, receiveBuffer: 4_096))
        sender.say("LOGIN sender")
        #expect(await sender.line() == "OK")
        stuck.say("LOGIN stuck")
        #expect(await sender.line() == "INFO stuck joined the chat")
        let text = String(repeating: "x", count: 4_000)
        for _ in 0..<80 {
            sender.say("MSG \(text)")
            #expect(await sender.line() == "MSG sender \(text)")
        }
        server.process.send(signal: SIGINT)
        #expect(await sender.remainingLines() == ["INFO server shutting down"])
        server.process.send(signal: SIGINT)
        #expect(await server.process.exitStatus() == 130)
        withExtendedLifetime(stuck) {}
    }

    @Test("Without a descriptor left, those who are here chat on, and the next get in when others leave")
    func outOfDescriptors() async throws {
        let shell = URL(fileURLWithPath: "/bin/sh")
        let command = "ulimit -n 32 && exec \"$0\" --listen plain://127.0.0.1:0 --event-loops 1"
        let process = try TestProcess(shell, ["-c", command, ServerProcess.executable.path])
        let line = try #require(await process.outputReader.line())
        let port = try #require(line.split(separator: " ").last.flatMap { UInt16($0) })
        var clients: [TestClient] = []
        for _ in 0..<40 { clients.append(try TestClient(port: port)) }
        let (first, last) = (clients[0], clients[39])
        last.say("PING")
        first.say("LOGIN a", "MSG still here")
        #expect(await first.lines(2) == ["OK", "MSG a still here"])
        var warnings: [String] = []
        while let line = await process.errorReader.line(), !line.hasSuffix("cannot accept") { warnings.append(line) }
        #expect(warnings.contains { $0.contains("fewer descriptors than limits.connections") })
        clients.removeSubrange(1..<30)
        #expect(await last.line() == "PONG")
        process.send(signal: SIGTERM)
        #expect(await process.exitStatus() == 0)
        // Once for all the times that it was so.
        let log = await process.errorReader.remainingLines()
        #expect(!log.contains { $0.hasSuffix("cannot accept") })
        #expect(log.filter { $0.hasSuffix("accepting again") }.count == 1)
    }

    private func freePort() async throws -> UInt16 {
        let server = try ServerProcess("--listen", "plain://127.0.0.1:0")
        let port = try await server.port()
        server.process.send(signal: SIGTERM)
        #expect(await server.end().status == 0)
        return port
    }
}

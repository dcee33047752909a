import ChatServer
import ChatTransport
import TestSupport
import Testing

/// What only those see who come over TLS.
@Suite("TLS", .timeLimit(.minutes(1)))
struct TLSScenarios {
    @Test("TLS 1.3 and 1.2, with forward secrecy and AEAD, and nothing older", arguments: Deployment.tls)
    func versions(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            var options = try #require(server.tls)
            let newest = try #require(await server.handshake(tls: options))
            #expect(newest.version == "TLSv1.3")
            options.maximumVersion = .tls12
            let older = try #require(await server.handshake(tls: options))
            #expect(older.version == "TLSv1.2")
            #expect(older.cipher.hasPrefix("ECDHE-ECDSA-") && older.cipher.contains("-GCM-"))
            (options.minimumVersion, options.maximumVersion) = (.tls11, .tls11)
            options.cipherList = "DEFAULT@SECLEVEL=0"
            let ending = await (try server.connect(tls: options)).tunnel?.ending()
            #expect(ending == .failed("SSL_do_handshake: tlsv1 alert protocol version"))
        }
    }

    @Test("A minimum of 1.3 refuses 1.2", arguments: Deployment.tls)
    func minimumVersion(_ deployment: Deployment) async throws {
        try await withServer(deployment) {
            $0.tls?.policy.minimumVersion = .tls13
        } _: { server in
            var options = try #require(server.tls)
            #expect(try await server.handshake(tls: options)?.version == "TLSv1.3")
            options.maximumVersion = .tls12
            let ending = await (try server.connect(tls: options)).tunnel?.ending()
            #expect(ending == .failed("SSL_do_handshake: tlsv1 alert protocol version"))
        }
    }

    @Test("A certificate comes with its chain", arguments: Deployment.tls)
    func chain(_ deployment: Deployment) async throws {
        let setup = try TLSSetup()
        try setup.replace(by: TestAuthority(name: "Intermediate", issuedBy: setup.authority).issue())
        try await withServer(deployment, tls: setup) { server in
            _ = try await server.login("alice")
        }
    }

    @Test("An operator's policy decides what is agreed", arguments: Deployment.tls)
    func policy(_ deployment: Deployment) async throws {
        try await withServer(deployment) {
            $0.tls?.policy.ciphers = "ECDHE-ECDSA-CHACHA20-POLY1305"
            $0.tls?.policy.cipherSuites = "TLS_CHACHA20_POLY1305_SHA256"
            $0.tls?.policy.groups = "P-384:P-256"
        } _: { server in
            var options = try #require(server.tls)
            #expect(
                try await server.handshake(tls: options)?.cipher == "TLS_CHACHA20_POLY1305_SHA256")
            options.maximumVersion = .tls12
            #expect(
                try await server.handshake(tls: options)?.cipher == "ECDHE-ECDSA-CHACHA20-POLY1305")
            options.maximumVersion = .tls13
            options.groups = "X25519"
            let ending = await (try server.connect(tls: options)).tunnel?.ending()
            #expect(ending == .failed("SSL_do_handshake: sslv3 alert handshake failure"))
        }
    }

    @Test("Whatever way the server ends a connection, its client sees close_notify", arguments: Deployment.tls)
    func closeNotify(_ deployment: Deployment) async throws {
        try await withServer(deployment) {
            $0.limits.loginTimeout = .milliseconds(50)
        } _: { server in
            let late = try server.connect()
            #expect(await late.remainingLines() == ["ERR login-timeout"])
            #expect(await late.tunnel?.ending() == .closeNotify)
        }
        try await withServer(deployment) { server in
            let user = try await server.login("user")
            user.say("EXIT")
            #expect(await user.remainingLines() == [])
            #expect(await user.tunnel?.ending() == .closeNotify)
        }
    }

    @Test("A client that ends its stream sees close_notify behind the last reply", arguments: Deployment.tls)
    func closeNotifyAtEnd(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            let user = try await server.login("user")
            user.send("PING")
            user.finishSending()
            #expect(await user.remainingLines() == ["PONG"])
            #expect(await user.tunnel?.ending() == .closeNotify)
        }
    }

    @Test(
        "A handshake that drips in is over at its deadline, however its bytes come", arguments: Deployment.tls)
    func drippingHandshake(_ deployment: Deployment) async throws {
        try await withServer(deployment) {
            $0.limits.handshakeTimeout = .milliseconds(200)
        } _: { server in
            let client = try server.connect(tls: nil)
            // It would take 5 seconds to be whole.
            client.drip([22, 3, 1, 2, 0, 1, 0, 1, 252] + [UInt8](repeating: 3, count: 500), every: .milliseconds(10))
            #expect(await client.remainingBytes() == [])
        }
    }

    @Test("A client that says nothing is gone at the handshake's deadline", arguments: Deployment.tls)
    func silentClient(_ deployment: Deployment) async throws {
        try await withServer(deployment) {
            $0.limits.handshakeTimeout = .milliseconds(50)
        } _: { server in
            let client = try server.connect(tls: nil)
            #expect(await client.remainingBytes() == [])
        }
    }

    @Test("An offer of protocols must have ours in it", arguments: Deployment.tls)
    func applicationProtocols(_ deployment: Deployment) async throws {
        try await withServer(deployment) { server in
            var options = try #require(server.tls)
            options.alpn = ["h2", "chat"]
            #expect(try await server.handshake(tls: options)?.alpn == "chat")
            options.alpn = ["h2", "http/1.1"]
            let ending = await (try server.connect(tls: options)).tunnel?.ending()
            #expect(ending == .failed("SSL_do_handshake: tlsv1 alert no application protocol"))
        }
    }

    @Test("An ECDSA and an RSA certificate serve each client with what it can verify", arguments: Deployment.tls)
    func keyKinds(_ deployment: Deployment) async throws {
        let setup = try TLSSetup()
        let ecdsa = try setup.authority.issue()
        let rsa = try setup.authority.issue(key: .rsa2048)
        try setup.replace(by: ecdsa)
        try setup.add(rsa)
        try await withServer(deployment, tls: setup) { server in
            var options = setup.client
            for (algorithm, leaf) in [("ECDSA+SHA256", ecdsa), ("RSA-PSS+SHA256", rsa)] {
                // Its own certificate is ECDSA's, and so is the signature of the test's authority: RSA clients take both.
                options.signatureAlgorithms = algorithm == "ECDSA+SHA256" ? algorithm : algorithm + ":ECDSA+SHA256"
                options.cipherList = leaf.privateKey == rsa.privateKey ? "ECDHE-RSA-AES128-GCM-SHA256" : nil
                options.maximumVersion = .tls12
                let shown = try await server.handshake(tls: options)?.certificate
                #expect(shown == leaf.certificate, "\(algorithm)")
            }
        }
    }

    @Test("A client that names a server gets that server's certificate", arguments: Deployment.tls)
    func serverNames(_ deployment: Deployment) async throws {
        let setup = try TLSSetup()
        let first = try setup.authority.issue()
        let second = try setup.authority.issue(.init(dns: ["chat.example.org"]))
        let wildcard = try setup.authority.issue(.init(dns: ["*.example.net"]))
        try setup.replace(by: first)
        try setup.add(second)
        try setup.add(wildcard)
        try await withServer(deployment, tls: setup) { server in
            var options = setup.client
            options.checksServerName = false
            let expected: [(String?, TestAuthority.Leaf)] = [
                (nil, first), ("localhost", first), ("elsewhere.example.com", first), ("chat.example.org", second),
                ("CHAT.example.org", second), ("a.example.net", wildcard), ("a.b.example.net", first),
            ]
            for (name, leaf) in expected {
                options.serverName = name
                let shown = try await server.handshake(tls: options)?.certificate
                #expect(shown == leaf.certificate, "\(name ?? "-")")
            }
        }
    }

    @Test("Those who come over either transport are in one chat", arguments: Deployment.tls)
    func mixed(_ deployment: Deployment) async throws {
        try await withServer(deployment) {
            $0.listeners.append(ListenerURL(.plain, host: "127.0.0.1", port: 0))
        } _: { server in
            let plainPort = try #require(server.server.listeners.last).port
            let secret = try await server.login("secret")
            let open = try TestClient(port: plainPort)
            open.say("LOGIN open")
            #expect(await open.line() == "OK")
            #expect(await secret.line() == "INFO open joined the chat")
            secret.say("MSG grüße", "DM open psst")
            open.say("DM secret hey")
            #expect(await open.lines(2) == ["MSG secret grüße", "DM secret psst"])
            #expect(await Set(secret.lines(2)) == ["MSG secret grüße", "DM open hey"])
            open.say("WHO", "EXIT")
            #expect(await open.remainingLines() == ["USER secret", "USER open"])
            #expect(await secret.line() == "INFO open disconnected")
        }
    }
}

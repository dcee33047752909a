import ChatServer
import ChatTransport
import TestSupport
import Testing

/// Users who show certificates.
@Suite("Client certificates", .timeLimit(.minutes(1)))
struct IdentityScenarios {
    @Test(
        "A certificate's user logs in under its name only: DNS name, e-mail local part or common name",
        arguments: Deployment.tls)
    func names(_ deployment: Deployment) async throws {
        let setup = try TLSSetup()
        try setup.trustClients(.optional)
        try await withServer(deployment, tls: setup) { server in
            let names: [TestAuthority.Names] = [
                .init(commonName: "x", dns: ["alice"], emails: ["y@example.org"]),
                .init(commonName: "x", dns: ["*.example.org"], emails: ["alice@example.org"]),
                .init(commonName: "alice"), .init(commonName: "x", dns: ["no name", "ALICE"]),
            ]
            for names in names {
                let user = try server.connect(tls: setup.client(named: names))
                user.say("LOGIN x", "LOGIN alice", "EXIT")
                #expect(await user.remainingLines() == ["ERR username-mismatch", "OK"])
            }
        }
    }

    @Test(
        "A certificate with a NUL in a name, or without a username, logs in nobody", arguments: Deployment.tls,
        [
            TestAuthority.Names(dns: ["alice\0.example.org"]), .init(commonName: "alice\0x"),
            .init(commonName: "alice", emails: ["alice\0@example.org"]), .init(commonName: "a b"), .init(),
        ])
    func noNames(_ deployment: Deployment, _ names: TestAuthority.Names) async throws {
        let setup = try TLSSetup()
        try setup.trustClients(.optional)
        try await withServer(deployment, tls: setup) { server in
            let user = try server.connect(tls: setup.client(named: names))
            user.say("LOGIN alice", "LOGIN x", "EXIT")
            #expect(await user.remainingLines() == ["ERR username-mismatch", "ERR username-mismatch"])
        }
    }

    @Test("The owner takes the name back from one without a certificate, on any event loop", arguments: Deployment.tls)
    func reclaim(_ deployment: Deployment) async throws {
        let setup = try TLSSetup()
        try setup.trustClients(.optional)
        try await withServer(deployment, tls: setup) { server in
            let bob = try await server.login("bob")
            let owner = try setup.client(named: .init(dns: ["alice"]))
            for _ in 0..<4 {
                let pretender = try await server.login("Alice")
                let alice = try await server.login("alice", tls: owner)
                #expect(await pretender.remainingLines() == ["ERR username-reclaimed"])
                #expect(await pretender.tunnel?.ending() == .closeNotify)
                let again = try server.connect(tls: owner)
                again.say("LOGIN alice", "EXIT")
                #expect(await again.remainingLines() == ["ERR username-taken"])
                alice.say("MSG it is me", "EXIT")
                #expect(await alice.remainingLines() == ["MSG alice it is me"])
                #expect(
                    await bob.lines(5) == [
                        "INFO Alice joined the chat", "INFO Alice disconnected", "INFO alice joined the chat",
                        "MSG alice it is me", "INFO alice disconnected",
                    ])
            }
        }
    }

    @Test("Where certificates are required, nobody else gets in", arguments: Deployment.tls)
    func required(_ deployment: Deployment) async throws {
        let setup = try TLSSetup()
        try setup.trustClients(.required)
        try await withServer(deployment, tls: setup) { server in
            let alice = try await server.login("alice", tls: setup.client(named: .init(dns: ["alice"])))
            var stranger = setup.client
            #expect(await self.reason(stranger, server) == "tlsv13 alert certificate required")
            stranger.certificate = try TestAuthority(name: "Another CA").issue(.init(dns: ["alice"]), purpose: .client)
            #expect(await self.reason(stranger, server) == "tlsv1 alert unknown ca")
            stranger.certificate = try setup.authority.issue(.init(dns: ["alice"]), purpose: .server)
            #expect(await self.reason(stranger, server) == "sslv3 alert unsupported certificate")
            stranger.certificate = try setup.authority.issue(.init(dns: ["alice"]), validTo: -60, purpose: .client)
            #expect(await self.reason(stranger, server) == "sslv3 alert certificate expired")
            #expect(await alice.linesUntilPong() == [])
        }
    }

    @Test("Where they are optional, one that cannot be verified is refused all the same", arguments: Deployment.tls)
    func optional(_ deployment: Deployment) async throws {
        let setup = try TLSSetup()
        try setup.trustClients(.optional)
        try await withServer(deployment, tls: setup) { server in
            _ = try await server.login("anybody")
            var stranger = setup.client
            stranger.certificate = try TestAuthority(name: "Another CA").issue(.init(dns: ["alice"]), purpose: .client)
            #expect(await self.reason(stranger, server) == "tlsv1 alert unknown ca")
        }
    }

    @Test(
        "A resumed session is its owner's still, but not where other authorities vouch for clients",
        arguments: Deployment.tls, [TLSClientOptions.Version.tls12, .tls13])
    func resumption(_ deployment: Deployment, _ version: TLSClientOptions.Version) async throws {
        let setup = try TLSSetup()
        try setup.trustClients(.optional)
        var owner = try setup.client(named: .init(dns: ["alice"]))
        owner.maximumVersion = version
        try await withServer(deployment, tls: setup) { server in
            let first = try await server.login("alice", tls: owner)
            first.say("EXIT")
            _ = await first.remainingLines()
            owner.session = await first.tunnel?.session()
            // From here on it is by the ticket that the server knows the client.
            owner.certificate = nil
            let second = try server.connect(tls: owner)
            second.say("LOGIN bob", "LOGIN alice", "EXIT")
            #expect(await second.remainingLines() == ["ERR username-mismatch", "OK"])
            #expect(await second.tunnel?.handshake()?.isResumed == true)
            try setup.trustClients(.optional, of: TestAuthority(name: "Another CA"))
            server.server.reloadCertificates()
            let third = try server.connect(tls: owner)
            third.say("LOGIN bob", "EXIT")
            #expect(await third.remainingLines() == ["OK"])
            #expect(await third.tunnel?.handshake()?.isResumed == false)
        }
    }

    @Test("A session that is resumed when its certificate has expired is nobody's", arguments: Deployment.tls)
    func expired(_ deployment: Deployment) async throws {
        let setup = try TLSSetup()
        try setup.trustClients(.optional)
        var owner = setup.client
        try await withServer(deployment, tls: setup) { server in
            var session: TLSTunnel.Session?
            var seconds = 1
            // In seconds, so that it expires soon; but not before it is used, on a machine that is busy.
            try await eventually {
                seconds *= 2
                owner.certificate = try setup.authority.issue(
                    .init(dns: ["alice"]), validTo: seconds, purpose: .client)
                let first = try server.connect(tls: owner)
                first.say("LOGIN alice", "EXIT")
                guard await first.remainingLines() == ["OK"] else { return false }
                session = await first.tunnel?.session()
                return true
            }
            try await eventually { await self.reason(owner, server) == "sslv3 alert certificate expired" }
            owner.session = session
            let second = try server.connect(tls: owner)
            second.say("LOGIN alice", "EXIT")
            #expect(await second.remainingLines() == ["ERR username-mismatch"])
            #expect(await second.tunnel?.handshake()?.isResumed == true)
        }
    }

    /// What a client is told that does not get in.
    private func reason(_ options: TLSClientOptions, _ server: RunningServer) async -> String? {
        guard let client = try? server.connect(tls: options) else { return nil }
        client.say("EXIT")
        guard await client.remainingLines().isEmpty, case .failed(let text) = await client.tunnel?.ending() else {
            return nil
        }
        return text.split(separator: ": ").last.map(String.init)
    }
}

import ChatServer
import TestSupport
import Testing

/// Certificates that change while the server runs.
@Suite("Reload", .timeLimit(.minutes(1)))
struct CertificateScenarios {
    private func shown(_ server: RunningServer, _ options: TLSClientOptions? = nil) async throws -> String? {
        try await server.handshake(tls: options ?? server.tls)?.certificate
    }

    @Test("New connections see the new certificate, and those that are there go on", arguments: Deployment.tls)
    func reload(_ deployment: Deployment) async throws {
        let setup = try TLSSetup()
        let (old, new) = (try setup.authority.issue(), try setup.authority.issue())
        try setup.replace(by: old)
        try await withServer(deployment, tls: setup) { server in
            let alice = try await server.login("alice")
            #expect(try await shown(server) == old.certificate)
            try setup.replace(by: new)
            server.server.reloadCertificates()
            #expect(try await shown(server) == new.certificate)
            let bob = try await server.login("bob")
            bob.say("MSG hi")
            #expect(await alice.lines(2) == ["INFO bob joined the chat", "MSG bob hi"])
            #expect(await alice.tunnel?.handshake()?.certificate == old.certificate)
            #expect(await bob.tunnel?.handshake()?.certificate == new.certificate)
        }
    }

    @Test("A changed file is noticed without a signal", arguments: Deployment.tls)
    func noticed(_ deployment: Deployment) async throws {
        let setup = try TLSSetup()
        let new = try setup.authority.issue()
        try await withServer(deployment, tls: setup) { server in
            try setup.replace(by: new)
            try await eventually { try await shown(server) == new.certificate }
        }
    }

    @Test("What cannot be used changes nothing, and what is mended later is used", arguments: Deployment.tls)
    func broken(_ deployment: Deployment) async throws {
        let setup = try TLSSetup()
        let (old, new) = (try setup.authority.issue(), try setup.authority.issue())
        try setup.replace(by: old)
        let expired = try setup.authority.issue(validTo: -1)
        try await withServer(deployment, tls: setup) { server in
            let broken: [(certificate: String, privateKey: String)] = [
                ("", new.privateKey), (new.certificate, old.privateKey), ("-----BEGIN CERTIFICATE-----\n", ""),
                (expired.certificate, expired.privateKey),
            ]
            for (certificate, privateKey) in broken {
                _ = try setup.write(certificate, to: "server0.pem")
                _ = try setup.write(privateKey, to: "server0-key.pem")
                server.server.reloadCertificates()
                #expect(try await shown(server) == old.certificate)
            }
            try setup.replace(by: new)
            server.server.reloadCertificates()
            #expect(try await shown(server) == new.certificate)
        }
    }

    @Test(
        "Clients resume their sessions, across a reload too", arguments: Deployment.tls,
        [TLSClientOptions.Version.tls12, .tls13])
    func resumption(_ deployment: Deployment, _ version: TLSClientOptions.Version) async throws {
        let setup = try TLSSetup()
        try await withServer(deployment, tls: setup) { server in
            var options = setup.client
            options.maximumVersion = version
            for round in 0..<4 {
                let client = try await server.login("a", tls: options)
                client.say("EXIT")
                #expect(await client.remainingLines() == [])
                #expect(await client.tunnel?.handshake()?.isResumed == (round > 0))
                let session = try #require(await client.tunnel?.session())
                // A ticket is for one connection: RFC 8446, section C.4.
                if version == .tls13 { #expect(session != options.session) }
                options.session = session
                if round == 1 {
                    try setup.replace(by: setup.authority.issue())
                    server.server.reloadCertificates()
                }
            }
        }
    }
}

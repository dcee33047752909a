import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct DevelopmentCertificatesTests {
    private static let files = ["ca.pem", "ca-key.pem", "server.pem", "server-key.pem"]

    @Test(
        "Makes what is not there, keeps what is valid, and lets nobody else read a key",
        arguments: [["/bin/sh"], ["/usr/bin/env", "busybox", "sh"]])
    func make(_ shell: [String]) async throws {
        let certificates = try DevelopmentCertificates()
        let first = try await certificates.make(shell: shell)
        #expect(await first.exitStatus() == 0)
        let sClient =
            "openssl s_client -quiet -connect localhost:4433 -CAfile \(certificates.path("ca.pem")) -verify_return_error"
        #expect(await first.outputReader.remainingLines().last == sClient)
        for file in Self.files {
            #expect(try certificates.mode(file) == (file.hasSuffix("-key.pem") ? 0o600 : 0o644), "\(file)")
        }
        let before = try Self.files.map(certificates.contents)
        let second = try await certificates.make("--client", "alice", shell: shell)
        #expect(await second.exitStatus() == 0)
        #expect(try Self.files.map(certificates.contents) == before)
        #expect(try certificates.mode("client-alice-key.pem") == 0o600)
    }

    @Test("What does not fit is made anew")
    func replenish() async throws {
        let certificates = try DevelopmentCertificates()
        #expect(await (try certificates.make()).exitStatus() == 0)
        let before = try Self.files.map(certificates.contents)
        try FileManager.default.removeItem(atPath: certificates.path("server-key.pem"))
        #expect(await (try certificates.make()).exitStatus() == 0)
        let after = try Self.files.map(certificates.contents)
        #expect(after[..<2] == before[..<2] && after[2] != before[2] && after[3] != before[3])
    }

    @Test("A name that is no file's is refused", arguments: ["", "a/b", "..", "-x", String(repeating: "a", count: 33)])
    func badName(_ name: String) async throws {
        let certificates = try DevelopmentCertificates()
        #expect(await (try certificates.make("--client", name)).exitStatus() == 64)
    }
}

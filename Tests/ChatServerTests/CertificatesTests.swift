import ChatTransport
import Foundation
import Logging
import TestSupport
import Testing

@testable import ChatServer

@Suite(.timeLimit(.minutes(1)))
struct CertificatesTests {
    private let log = TestLog()
    private let setup: TLSSetup

    init() throws {
        setup = try TLSSetup()
    }

    private func certificates() throws -> Certificates {
        try Certificates(setup.configuration, logger: log.logger)
    }

    private var path: String { setup.configuration.pairs[0].certificate }

    @Test("A reload that fails is one line in the log that names the file and the reason")
    func failedReload() throws {
        let certificates = try certificates()
        let before = certificates.context.current
        try setup.replace(by: setup.authority.issue(validTo: -60))
        certificates.reload()
        let errors = log.lines(.error)
        #expect(errors.count == 1)
        #expect(errors[0].hasPrefix("certificates not reloaded, the old ones stay in force error=\(path): expired on "))
        #expect(certificates.context.current === before)
    }

    @Test("A change is noticed, a broken one said once, and the next one is noticed as well")
    func watch() async throws {
        let certificates = try certificates()
        let before = certificates.context.current
        let watch = Task { await certificates.watch(every: .milliseconds(1)) }
        _ = try setup.write("", to: "server0.pem")
        try await eventually { !log.lines(.error).isEmpty }
        #expect(certificates.context.current === before)
        try setup.replace(by: setup.authority.issue())
        try await eventually { certificates.context.current !== before }
        #expect(
            log.lines(.error) == [
                "certificates not reloaded, the old ones stay in force error=\(path): holds no certificate in PEM"
            ])
        try await eventually { log.lines(.notice).contains("certificates reloaded ") }
        watch.cancel()
        await watch.value
    }

    @Test("A certificate that is not valid yet is taken when it is")
    func notYetValid() async throws {
        let certificates = try certificates()
        let before = certificates.context.current
        try setup.replace(by: setup.authority.issue(validFrom: 4))
        certificates.reload()
        #expect(log.lines(.error).count == 1)
        #expect(log.lines(.error).first?.contains("\(path): is not valid before ") == true)
        let watch = Task { await certificates.watch(every: .milliseconds(1)) }
        try await eventually { certificates.context.current !== before }
        watch.cancel()
        await watch.value
        #expect(log.lines(.error).count == 1)
    }

    @Test("A file that is gone for a while is said so, and changes nothing")
    func missing() throws {
        let certificates = try certificates()
        try FileManager.default.removeItem(atPath: path)
        certificates.reload()
        #expect(
            log.lines(.error) == [
                "certificates not reloaded, the old ones stay in force "
                    + "error=\(path): cannot be read: No such file or directory"
            ])
    }

    @Test("From 14 days before a certificate expires the log warns", arguments: [(15, false), (13, true)])
    func expiry(_ days: Int, _ warns: Bool) throws {
        try setup.replace(by: setup.authority.issue(validTo: days * 86_400))
        let certificates = try certificates()
        #expect(log.lines(.warning).map { $0.hasPrefix("a certificate is about to expire") } == (warns ? [true] : []))
        certificates.warnOfExpiry(at: .now + Double((days + 1) * 86_400))
        #expect(log.lines(.error).map { $0.hasPrefix("a certificate has expired") } == [true])
    }

    @Test("The log never holds a key or its file's text")
    func noKeys() throws {
        let certificates = try certificates()
        _ = try setup.write("-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----\n", to: "server0-key.pem")
        certificates.reload()
        #expect(log.lines(.error).count == 1)
        #expect(!log.lines(.error)[0].contains("SECRET"))
    }
}

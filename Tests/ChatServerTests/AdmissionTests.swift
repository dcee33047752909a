import ChatProtocol
import EventLoop
import FlowControl
import Testing

@testable import ChatServer

struct AdmissionTests {
    private let now = Instant(nanoseconds: 1_000_000_000)

    private func address(_ number: UInt64) -> PeerGroup { .address(family: 4, bits: number) }

    private func admission(_ adjust: (inout Limits) -> Void) -> Admission {
        var limits = Limits()
        adjust(&limits)
        return Admission(limits)
    }

    @Test("Beyond the limit a bounded number of connections is told so, and the others are ignored")
    func connections() {
        let admission = admission { $0.connections = 10 }
        let peer = PeerGroup.connection(1)
        for _ in 0..<10 { #expect(admission.admit(peer, at: now) == .admitted) }
        for _ in 0..<64 { #expect(admission.admit(peer, at: now) == .rejected(.tooManyConnections)) }
        #expect(admission.admit(peer, at: now) == .ignored)
        admission.leave(peer, wasRejected: true)
        #expect(admission.admit(peer, at: now) == .rejected(.tooManyConnections))
        admission.leave(peer, wasRejected: false)
        #expect(admission.admit(peer, at: now) == .admitted)
    }

    @Test("One address has so many connections, others have theirs, exempt networks any number")
    func connectionsPerAddress() {
        let admission = admission { $0.connectionsPerAddress = 2 }
        for _ in 0..<2 { #expect(admission.admit(address(1), at: now) == .admitted) }
        #expect(admission.admit(address(1), at: now) == .rejected(.tooManyFromAddress))
        #expect(admission.admit(address(2), at: now) == .admitted)
        for number in 0..<10 { #expect(admission.admit(.connection(UInt64(number)), at: now) == .admitted) }
        admission.leave(address(1), wasRejected: false)
        #expect(admission.admit(address(1), at: now) == .admitted)
    }

    @Test("One address comes so often in a minute, and again in the next")
    func connectionRate() {
        let admission = admission { $0.connectionRate = 3 }
        let peer = address(1)
        for _ in 0..<3 {
            #expect(admission.admit(peer, at: now) == .admitted)
            admission.leave(peer, wasRejected: false)
        }
        #expect(admission.admit(peer, at: now + .seconds(59)) == .rejected(.connectingTooFast))
        #expect(admission.admit(address(2), at: now + .seconds(59)) == .admitted)
        #expect(admission.admit(peer, at: now + .seconds(60)) == .admitted)
    }
}

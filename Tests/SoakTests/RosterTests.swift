import Testing

@testable import soak

@Suite("Who is in the room, as its lines have it")
struct RosterTests {
    @Test("In the order of the logins, and each once")
    func order() {
        var roster = Roster()
        for line in [ServerLine.joined("b"), .joined("a"), .joined("b"), .joined("c"), .disconnected("a")] {
            roster.apply(line)
        }
        #expect(roster.names == ["b", "c"])
    }
}

import FlowControl
import Testing

struct PlacementTests {
    @Test("Members fill one loop before the next is used, and then go to the loop with the fewest")
    func fills() {
        var members = [0, 0, 0]
        for loop in 0..<3 {
            for _ in 0..<128 {
                let home = Placement.home(members: members)
                #expect(home == loop)
                members[home] += 1
            }
        }
        for _ in 0..<30 { members[Placement.home(members: members)] += 1 }
        #expect(members == [138, 138, 138])
    }

    @Test("The place of a member that left is taken before the next loop is used")
    func refills() {
        #expect(Placement.home(members: [127, 128, 5]) == 0)
        #expect(Placement.home(members: [128, 127, 5]) == 1)
        #expect(Placement.home(members: [300, 128, 127]) == 2)
    }

    @Test("Once all are full, the loop with the fewest is used, the first of several")
    func fewest() {
        #expect(Placement.home(members: [300, 200, 250]) == 1)
        #expect(Placement.home(members: [300, 250, 200]) == 2)
        #expect(Placement.home(members: [200, 128, 128]) == 1)
    }

    @Test("A single loop gets all members", arguments: [0, 127, 128, 100_000])
    func single(count: Int) {
        #expect(Placement.home(members: [count]) == 0)
    }
}

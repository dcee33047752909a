import FlowControl
import TestSupport
import Testing

struct FairQueueTests {
    private var queue = FairQueue<String>()

    private mutating func append(_ names: String...) {
        // The group is the letter.
        for name in names { queue.append(name, of: .connection(UInt64(name.utf8.first ?? 0))) }
    }

    private mutating func popAll() -> [String] {
        var names: [String] = []
        while let name = queue.popFirst() { names.append(name) }
        return names
    }

    @Test("Groups take turns, and the order within a group stays")
    mutating func turns() {
        append("a1", "a2", "a3", "b1", "c1", "c2")
        #expect(popAll() == ["a1", "b1", "c1", "a2", "c2", "a3"])
    }

    @Test("A new group waits for one element of each other group")
    mutating func newGroup() {
        append("a1", "a2", "a3", "b1", "b2", "b3")
        #expect(queue.popFirst() == "a1")
        append("c1")
        #expect(popAll() == ["b1", "a2", "c1", "b2", "a3", "b3"])
    }

    @Test("A group whose last element was taken comes back after the other groups")
    mutating func comesBack() {
        append("a1", "b1", "b2")
        #expect(queue.popFirst() == "a1")
        append("a2")
        #expect(popAll() == ["b1", "a2", "b2"])
    }

    @Test("An address and a connection with the same number are different groups")
    mutating func kinds() {
        queue.append("a1", of: .address(family: 2, bits: 1))
        queue.append("a2", of: .address(family: 2, bits: 1))
        queue.append("b1", of: .connection(1))
        queue.append("c1", of: .address(family: 10, bits: 1))
        #expect(popAll() == ["a1", "b1", "c1", "a2"])
    }

    @Test("Property: a queue does what a list of turns and a list of elements do")
    func model() {
        var random = SeededGenerator()
        for _ in 0..<20 {
            var queue = FairQueue<Int>()
            var turns: [PeerGroup] = []
            var elements: [(group: PeerGroup, number: Int)] = []
            // It grows, and then it shrinks.
            for number in 0..<2_000 {
                if Int.random(in: 0..<2_000, using: &random) >= number {
                    let group = PeerGroup.connection(.random(in: 0..<3, using: &random))
                    queue.append(number, of: group)
                    if !turns.contains(group) { turns.append(group) }
                    elements.append((group, number))
                } else {
                    var expected: Int?
                    if let group = turns.first, let index = elements.firstIndex(where: { $0.group == group }) {
                        expected = elements.remove(at: index).number
                        turns.removeFirst()
                        if elements.contains(where: { $0.group == group }) { turns.append(group) }
                    }
                    #expect(queue.popFirst() == expected, "\(random)")
                }
                #expect(queue.isEmpty == elements.isEmpty, "\(random)")
            }
        }
    }
}

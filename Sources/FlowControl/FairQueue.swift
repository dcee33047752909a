/// Elements in turns by group: each group's first element, then each group's second one.
public struct FairQueue<Element> {
    private var turns = FIFO<PeerGroup>()
    private var elements: [PeerGroup: FIFO<Element>] = [:]
    /// How many elements there are.
    public private(set) var count = 0

    /// An empty queue.
    public init() {}

    /// Whether there is no element.
    public var isEmpty: Bool { count == 0 }

    /// Appends an element behind those of its group.
    public mutating func append(_ element: Element, of group: PeerGroup) {
        count += 1
        if elements[group] == nil { turns.append(group) }
        elements[group, default: FIFO()].append(element)
    }

    /// Takes out a group's elements that satisfy `condition`.
    public mutating func removeAll(of group: PeerGroup, where condition: (Element) -> Bool) {
        guard let before = elements[group]?.count else { return }
        elements[group]?.removeAll(where: condition)
        count -= before - (elements[group]?.count ?? 0)
    }

    /// Takes out the element whose turn it is.
    public mutating func popFirst() -> Element? {
        while let group = turns.popFirst() {
            let element = elements[group]?.popFirst()
            if elements[group]?.isEmpty == true {
                elements[group] = nil
            } else {
                turns.append(group)
            }
            guard let element else { continue }
            count -= 1
            return element
        }
        return nil
    }
}

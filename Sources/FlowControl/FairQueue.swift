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

    /// Takes out the element whose turn it is.
    public mutating func popFirst() -> Element? {
        guard let group = turns.popFirst(), let element = elements[group]?.popFirst() else { return nil }
        count -= 1
        if elements[group]?.isEmpty == true {
            elements[group] = nil
        } else {
            turns.append(group)
        }
        return element
    }
}

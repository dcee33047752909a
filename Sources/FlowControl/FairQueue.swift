/// A queue in which groups take turns: each group's first element, then each group's second one.
public struct FairQueue<Element> {
    @usableFromInline
    var turns = FIFO<PeerGroup>()
    /// The elements of each group that has any.
    @usableFromInline
    var elements: [PeerGroup: FIFO<Element>] = [:]

    /// An empty queue.
    @inlinable
    public init() {}

    /// Whether there is no element.
    @inlinable
    public var isEmpty: Bool { elements.isEmpty }

    /// Appends an element after the others of its group.
    @inlinable
    public mutating func append(_ element: Element, of group: PeerGroup) {
        if elements[group] == nil { turns.append(group) }
        elements[group, default: FIFO()].append(element)
    }

    /// Takes out a group's elements that satisfy `condition`.
    @inlinable
    public mutating func removeAll(of group: PeerGroup, where condition: (Element) -> Bool) {
        elements[group]?.removeAll(where: condition)
        guard elements[group]?.isEmpty == true else { return }
        elements[group] = nil
        turns.removeAll { $0 == group }
    }

    /// Takes out the element whose turn it is.
    @inlinable
    public mutating func popFirst() -> Element? {
        guard let group = turns.popFirst() else { return nil }
        let element = elements[group]?.popFirst()
        if elements[group]?.isEmpty == true { elements[group] = nil } else { turns.append(group) }
        return element
    }
}

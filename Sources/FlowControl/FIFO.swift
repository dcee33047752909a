/// A queue, first in, first out.
@usableFromInline
struct FIFO<Element> {
    /// Elements before `head` were taken out.
    @usableFromInline
    var elements: [Element?] = []
    @usableFromInline
    var head = 0

    @inlinable
    init() {}

    @inlinable
    var isEmpty: Bool { head == elements.count }
    @inlinable
    var count: Int { elements.count - head }

    @inlinable
    mutating func append(_ element: Element) {
        elements.append(element)
    }

    @inlinable
    mutating func removeAll(where condition: (Element) -> Bool) {
        elements = elements[head...].filter { element in element.map { !condition($0) } ?? false }
        head = 0
    }

    @inlinable
    mutating func popFirst() -> Element? {
        guard head < elements.count, let element = elements[head] else { return nil }
        elements[head] = nil
        head += 1
        // Moves each element once on average.
        if head == elements.count {
            elements.removeAll(keepingCapacity: elements.capacity <= 64)
            head = 0
        } else if head >= 64, head * 2 >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }
}

/// Something that befalls the server while clients are there. Confined to the event loop.
protocol Fault: AnyObject {
    /// For people.
    static var title: String { get }
    /// Which errors in the server's log it explains.
    var excuses: Set<String> { get }

    /// Does the next thing, if its time has come. Returns whether it is over.
    func look(at stage: Stage) throws -> Bool
}

extension Fault {
    var excuses: Set<String> { [] }
}

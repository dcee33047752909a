/// Somebody who comes, does something to the server, and goes. Confined to the event loop.
protocol Guest: AnyObject {
    /// What kind of client it is, for people.
    var title: String { get }
    /// Whether it was treated as promised; `nil` while it is there.
    var wasServed: Bool? { get }

    /// Called now and then.
    func look()

    /// Is gone, whatever it was about to do.
    func abandon()
}

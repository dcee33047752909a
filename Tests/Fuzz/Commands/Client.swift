import ChatRoom
import FuzzSupport

/// One connection: what it has received, as its server would have sent it, and what it must have received.
final class Client {
    let connection: ConnectionID
    let session: Session
    /// The names in its certificate, if it has one.
    let owned: [String]?
    private var isMember = false
    private var owedFrom = 0
    private(set) var received: [UInt8] = []
    var expected: [UInt8] = []
    /// Whether nothing is read from it any more.
    var hasEnded = false

    init(_ connection: ConnectionID, owning owned: [String]?, in room: Room) {
        self.connection = connection
        self.owned = owned
        session = Session(connection, in: room)
        if let owned { session.identify(by: owned) }
    }

    func take(_ entry: Dispatch.Entry, of dispatch: Dispatch) {
        takeLog(of: dispatch, through: entry.position)
        switch entry.kind {
        case .reply(let lines): receive(dispatch.replies[lines])
        case .joined: isMember = true
        case .left: isMember = false
        case .expelled(let line):
            receive(dispatch.replies[line])
            isMember = false
            session.end()
            hasEnded = true
        }
    }

    func takeRest(of dispatch: Dispatch) {
        takeLog(of: dispatch, through: dispatch.log.count)
        owedFrom = 0
    }

    private func takeLog(of dispatch: Dispatch, through end: Int) {
        if isMember, owedFrom < end { receive(dispatch.log[owedFrom..<end]) }
        owedFrom = end
    }

    private func receive(_ lines: ArraySlice<UInt8>) {
        require(lines.last == UInt8(ascii: "\n") && lines.first != lines.last, "What is sent is whole lines")
        received += lines
    }
}

import ChatProtocol

/// The users in the chat, and the room of each. A pure value: the same events have the same consequences.
struct ChatState: Sendable {
    private let maximumUsers: Int
    private var users = UserTable()
    private var rosters = [Roster()]
    private var nextArrival = 0

    init(maximumUsers: Int) {
        self.maximumUsers = maximumUsers
    }

    /// The user with this ID, or `nil` if the user has left.
    func user(_ id: UserID) -> User? { users[id] }

    /// The user that holds a name now.
    func userID(of name: Username) -> UserID? { users.id(of: name.key) }

    func memberCount(of room: RoomID) -> Int { rosters[room.index].count }

    /// The current members of the room, to be listed in pieces.
    func list(of room: RoomID) -> UserList { UserList(room: room, arrivals: 0..<nextArrival) }

    /// Returns the next names of a list, and advances the list.
    func names(of list: inout UserList, limit: Int) -> [Username] {
        let (names, next) = rosters[list.room.index].names(arrivedIn: list.arrivals, limit: limit)
        list.arrivals = next..<list.arrivals.upperBound
        return names
    }

    /// Carries out an event. Returns the new user of a LOGIN. An event of a user that has left has no consequences.
    @discardableResult
    mutating func apply(_ event: borrowing ChatEvent, into sink: inout some ChatSink) -> UserID? {
        switch event {
        case .login(let name, let connection, let isVerified):
            return login(name, connection, isVerified: isVerified, into: &sink)
        case .message(let sender, let text):
            guard let user = users[sender] else { return nil }
            sink.announce(.message(user.name, text), in: user.room)
        case .direct(let sender, let text, let receiver, let account):
            guard let user = users[sender], let target = users[receiver] else { return nil }
            sink.direct(.direct(user.name, text), to: target.connection, in: target.room, from: account)
        case .leave(let id, let lastLine): remove(id, lastLine: lastLine, isExpelled: false, into: &sink)
        }
        return nil
    }

    private mutating func login(
        _ name: Username, _ connection: ConnectionID, isVerified: Bool, into sink: inout some ChatSink
    ) -> UserID? {
        if isVerified, let holder = users.id(of: name.key), users[holder]?.isVerified == false {
            remove(holder, lastLine: Reply.error(.usernameReclaimed).bytes, isExpelled: true, into: &sink)
        }
        if users.id(of: name.key) != nil { return reject(.usernameTaken, connection, into: &sink) }
        guard users.count < maximumUsers else { return reject(.tooManyUsers, connection, into: &sink) }
        let room = RoomID.lobby
        let user = User(
            name: name, connection: connection, isVerified: isVerified, room: room, arrival: nextArrival)
        nextArrival += 1
        sink.announce(.info(Reply.joined(name).bytes), in: room)
        sink.reply(Reply.ok.bytes, to: connection, in: nil)
        sink.enter(room, connection)
        let id = users.add(user)
        rosters[room.index].add(user)
        return id
    }

    private func reject(_ error: ProtocolError, _ connection: ConnectionID, into sink: inout some ChatSink) -> UserID? {
        sink.reply(Reply.error(error).bytes, to: connection, in: nil)
        return nil
    }

    private mutating func remove(
        _ id: UserID, lastLine: [UInt8], isExpelled: Bool, into sink: inout some ChatSink
    ) {
        guard let user = users.remove(id) else { return }
        rosters[user.room.index].remove(user)
        sink.leave(user.room, user.connection, isExpelled: isExpelled)
        sink.announce(.info(Reply.disconnected(user.name).bytes), in: user.room)
        if !lastLine.isEmpty { sink.reply(lastLine, to: user.connection, in: nil) }
    }
}

import ChatProtocol

/// The chat by the words of PROTOCOL.md, as simple as can be: what each client must get.
struct Chat {
    private struct User {
        let client: Client
        let name: Username
        let isVerified: Bool
    }

    let maximumUsers: Int
    /// In the order of their logins.
    private var users: [User] = []
    /// Who lost their names to the owners: they get nothing more, whether they know it or not. They keep their names for
    /// themselves until then.
    private var expelled: [User] = []
    private var left: [Client] = []

    init(maximumUsers: Int) {
        self.maximumUsers = maximumUsers
    }

    func hasLeft(_ client: Client) -> Bool { left.contains { $0 === client } }

    func name(of client: Client) -> Username? {
        hasLeft(client) ? nil : (users + expelled).first { $0.client === client }?.name
    }

    /// A line without what could harm a terminal.
    mutating func say(_ client: Client, _ line: [UInt8]) {
        let name = name(of: client)
        switch Command(line.span) {
        case .blank: break
        case .ping: reply(.pong, to: client)
        case .help: reply(.help, to: client)
        case .exit: leave(client)
        case .httpRequest: close(client, for: .unknownCommand)
        case .login, .incomplete(.login):
            guard client.logins > 0 else { return reply(.error(.tooFast), to: client) }
            client.logins -= 1
            if name != nil { return reply(.error(.alreadyLoggedIn), to: client) }
            guard case .login(let name) = Command(line.span) else { return reply(.error(.usage(.login)), to: client) }
            login(client, as: String(decoding: line[name], as: UTF8.self))
        case let command:
            guard let name else { return reply(.error(.notLoggedIn), to: client) }
            say(client, command, in: line, as: name)
        }
    }

    private func say(_ client: Client, _ command: Command, in line: [UInt8], as name: Username) {
        guard !isExpelled(client) else { return }
        switch command {
        case .who: reply(.users(users.map(\.name)), to: client)
        case .message(let text): tellAll("MSG \(name.text) ", line[text])
        case .direct(let receiver, let text):
            let receiver = Username(String(decoding: line[receiver], as: UTF8.self))
            guard let user = users.first(where: { $0.name == receiver }) else {
                return reply(.error(.userNotFound), to: client)
            }
            tell(user.client, "DM \(name.text) ", line[text])
        case .incomplete(let usage): reply(.error(.usage(usage)), to: client)
        default: reply(.error(.unknownCommand), to: client)
        }
    }

    private mutating func login(_ client: Client, as text: String) {
        guard let name = Username(text) else { return reply(.error(.invalidUsername), to: client) }
        if let owned = client.owned, name != owned.lazy.compactMap({ Username($0) }).first {
            return reply(.error(.usernameMismatch), to: client)
        }
        let isVerified = client.owned != nil
        if isVerified, let holder = users.first(where: { $0.name == name }), !holder.isVerified {
            reply(.error(.usernameReclaimed), to: holder.client)
            expelled.append(holder)
            remove(holder.client)
        }
        if users.contains(where: { $0.name == name }) { return reply(.error(.usernameTaken), to: client) }
        if users.count == maximumUsers { return reply(.error(.tooManyUsers), to: client) }
        for user in users { reply(.joined(name), to: user.client) }
        reply(.ok, to: client)
        users.append(User(client: client, name: name, isVerified: isVerified))
    }

    mutating func leave(_ client: Client) {
        left.append(client)
        remove(client)
    }

    mutating func close(_ client: Client, for reason: ProtocolError) {
        reply(.error(reason), to: client)
        leave(client)
    }

    private mutating func remove(_ client: Client) {
        guard let index = users.firstIndex(where: { $0.client === client }) else { return }
        let name = users.remove(at: index).name
        for user in users { reply(.disconnected(name), to: user.client) }
    }

    private func isExpelled(_ client: Client) -> Bool { expelled.contains { $0.client === client } }

    func reply(_ reply: Reply, to client: Client) {
        if !isExpelled(client) { client.expected += reply.bytes }
    }

    private func tell(_ client: Client, _ prefix: String, _ text: ArraySlice<UInt8>) {
        client.expected += Array(prefix.utf8) + text + [UInt8(ascii: "\n")]
    }

    private func tellAll(_ prefix: String, _ text: ArraySlice<UInt8>) {
        for user in users { tell(user.client, prefix, text) }
    }
}

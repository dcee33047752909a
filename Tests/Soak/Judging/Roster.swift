/// Who is in the room, in the order of their logins, as the lines up to some place have it.
struct Roster: Equatable {
    private(set) var names: [String] = []

    func contains(_ name: String) -> Bool { names.contains(name) }

    mutating func apply(_ line: ServerLine) {
        switch line {
        case .joined(let name) where !contains(name): names.append(name)
        case .disconnected(let name): names.removeAll { $0 == name }
        default: break
        }
    }
}

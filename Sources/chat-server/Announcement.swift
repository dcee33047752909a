import ChatServer
import Foundation
import ServiceLifecycle

/// Says on standard output where the server listens.
///
/// A service, since a service group runs its services when it handles signals already: whoever reads the lines may
/// send one at once.
struct Announcement: Service {
    let listeners: [ListenerURL]

    func run() {
        let lines = listeners.map { listener in
            let transport = listener.transport == .plain ? "" : " (\(listener.transport.rawValue))"
            return "✅ Server running on port \(listener.port)\(transport)\n"
        }
        // Not print, which would keep the lines in a buffer where standard output is no terminal. Where it is closed,
        // nobody wants to know.
        try? FileHandle.standardOutput.write(contentsOf: Data(lines.joined().utf8))
    }
}

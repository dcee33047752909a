import Glibc
import LoadSupport

/// Many are logged in and say nothing.
struct IdleWorkload {
    let connections: Int

    var size: LoadSize { LoadSize(receivers: connections, senders: 1, lineSize: 0) }

    func run(
        to route: Route, speaking dialect: any Dialect, server: ServerProcess, _ progress: Progress
    ) throws -> IdleFigures {
        let (before, kernelBefore) = (server.residentSize, KernelMemory.settled())
        let load = try LoadGenerator(size, to: route, speaking: dialect, comesSlowly: true)
        try load.gather(progress)
        // A server gives back within some seconds what the logins took.
        sleep(6)
        let (after, kernelAfter) = (server.residentSize, KernelMemory.inUse)
        try load.finish()
        let count = Double(connections)
        return IdleFigures(
            connections: connections,
            server: IdleFigures.Server(
                residentBytes: after, residentBytesPerConnection: Double(after - before) / count),
            kernelBytesPerConnection: Double(kernelAfter - kernelBefore) / count)
    }
}

/// What idle connections take.
struct IdleFigures: Encodable {
    struct Server: Encodable {
        let residentBytes: Int
        let residentBytesPerConnection: Double
    }

    let connections: Int
    let server: Server
    /// The sockets of both ends where the server is on this machine, and whatever else the kernel did meanwhile.
    let kernelBytesPerConnection: Double
}

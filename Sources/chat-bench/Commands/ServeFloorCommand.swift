import ArgumentParser
import CLinux
import EventLoop
import Glibc
import LoadSupport
import SystemPackage

/// The process that the floor is measured of.
struct ServeFloorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve-floor", shouldDisplay: false)

    @Argument var variant: FloorVariant
    @Argument var receivers: Int
    @Argument var senders: Int
    @Flag var keepBuffers = false
    @OptionGroup var material: FloorMaterial

    func run() throws {
        Preparation.prepare()
        // It serves without end: for whoever has started it, and no longer.
        shim_prctl_set_pdeathsig(SIGKILL)
        let address = try SocketAddress.resolve(host: "127.0.0.1", port: 0)[0]
        let listener = try Socket.listening(on: address)
        let server = FloorServer(
            variant: variant, receivers: receivers, senders: senders, keepsBuffers: keepBuffers,
            context: variant.isTLS ? try material.context() : nil)
        try FileDescriptor.standardOutput.writeAll("\(listener.localAddress.port)\n".utf8)
        try server.run(on: listener)
    }
}

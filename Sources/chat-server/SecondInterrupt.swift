import Foundation
import ServiceLifecycle
import UnixSignals

/// Ends the process at once on the second SIGINT: who presses Ctrl+C again does not want to wait for slow readers.
///
/// To be shut down behind the server.
struct SecondInterrupt: Service {
    /// As shells have it for a program that SIGINT has ended.
    private static let status: CInt = 128 + SIGINT

    private let interrupts: UnixSignalsSequence

    init() async {
        interrupts = await UnixSignalsSequence(trapping: .sigint)
    }

    func run() async {
        var count = 0
        for await _ in interrupts.cancelOnGracefulShutdown() {
            count += 1
            if count > 1 { _exit(Self.status) }
        }
    }
}

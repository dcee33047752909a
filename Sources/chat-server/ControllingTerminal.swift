import Foundation

/// The terminal that the program was started from. Source: tty(4), signal(7).
enum ControllingTerminal {
    /// Whether there is one, still.
    static var exists: Bool {
        let descriptor = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        close(descriptor)
        return true
    }

    /// Whether SIGHUP is ignored, as nohup(1) has it for programs that are to outlive their terminal.
    static var isToBeOutlived: Bool {
        var action = sigaction()
        sigaction(SIGHUP, nil, &action)
        // Two pointers to C functions, or small numbers in their place, which Swift does not compare.
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}

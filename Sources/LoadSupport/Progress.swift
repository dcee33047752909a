import Glibc
import SystemPackage

/// One line on a terminal that says how far the work is. Nothing where standard error is no terminal.
package final class Progress {
    private let isShown = isatty(STDERR_FILENO) == 1
    private var shownAt = Nanoseconds.now

    package init() {}

    package func show(_ text: @autoclosure () -> String) {
        guard isShown, .now - shownAt > Nanoseconds(seconds: 0.1) else { return }
        shownAt = .now
        print("\r\u{1B}[K\(text())")
    }

    /// Leaves an empty line.
    package func clear() {
        guard isShown else { return }
        print("\r\u{1B}[K")
    }

    private func print(_ text: String) {
        _ = try? FileDescriptor.standardError.writeAll(text.utf8)
    }
}

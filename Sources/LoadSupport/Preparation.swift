import EventLoop
import Glibc

/// What a process with many connections needs.
package enum Preparation {
    /// Raises the limit of descriptors as far as the process may, and ignores SIGPIPE: OpenSSL writes without MSG_NOSIGNAL.
    package static func prepare() {
        DescriptorLimit.raise()
        signal(SIGPIPE, SIG_IGN)
    }
}

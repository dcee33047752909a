import EventLoop
import Glibc

/// What a process with many connections needs.
enum Preparation {
    /// Raises the limit of descriptors as far as the process may, and ignores SIGPIPE: OpenSSL writes without MSG_NOSIGNAL.
    static func prepare() {
        DescriptorLimit.raise()
        signal(SIGPIPE, SIG_IGN)
    }
}

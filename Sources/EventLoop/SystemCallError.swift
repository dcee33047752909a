import Glibc
public import SystemPackage

/// A system call that failed, and the kernel's reason.
public struct SystemCallError: Error, Equatable, CustomStringConvertible {
    /// The call's name, as in its man page.
    public let call: String
    /// The kernel's reason.
    public let reason: Errno

    /// An error of the call with this name.
    public init(_ call: String, _ reason: Errno) {
        self.call = call
        self.reason = reason
    }

    /// The error of a call that has just failed on this thread.
    package static func last(_ call: String) -> Self {
        Self(call, Errno(rawValue: errno))
    }

    /// `bind: Address already in use`
    public var description: String { "\(call): \(reason)" }
}

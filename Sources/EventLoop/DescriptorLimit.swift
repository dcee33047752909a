import Glibc

/// How many descriptors, and so connections, the process may have.
package enum DescriptorLimit {
    /// Raises the limit as far as the process itself may: shells set a low one for the sake of select(2), which nothing
    /// here uses. Returns the limit that is in force then.
    ///
    /// Source: getrlimit(2).
    @discardableResult
    package static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        var raised = limit
        raised.rlim_cur = raised.rlim_max
        if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        return Int(clamping: limit.rlim_cur)
    }
}

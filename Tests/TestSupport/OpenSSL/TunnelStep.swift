/// How far an operation of a tunnel came that does not block.
public enum TunnelStep {
    case bytes(Int)
    /// `POLLIN` or `POLLOUT`.
    case waits(for: CShort)
    /// The other side says that nothing follows.
    case ended
    case failed(TLSTunnel.Ending)
}

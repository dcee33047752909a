/// The transports that a listener can have; the raw value is the scheme in its URL.
public enum TransportKind: String, CaseIterable, Sendable {
    case plain
    case tls
}

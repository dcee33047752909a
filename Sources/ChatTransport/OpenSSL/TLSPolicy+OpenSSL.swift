import COpenSSL

extension TLSPolicy {
    /// Whether the system's OpenSSL knows these ciphers of TLS 1.2.
    public static func isKnown(ciphers: String) -> Bool {
        // OpenSSL accepts a list of which it knows a part; but what looks like a cipher's name is to be one.
        let elements = ciphers.split { ":;, ".contains($0) }
        let names = elements.filter { !"!+-".contains($0.first ?? "!") && $0.contains("-") && !$0.contains("+") }
        return (names.map(String.init) + [ciphers]).allSatisfy { list in
            isAccepted { SSL_CTX_set_cipher_list($0, list) }
        }
    }

    /// Whether the system's OpenSSL knows these cipher suites of TLS 1.3.
    public static func isKnown(cipherSuites: String) -> Bool {
        let names = cipherSuites.split(separator: ":").map(String.init)
        return !names.isEmpty && names.allSatisfy { name in isAccepted { SSL_CTX_set_ciphersuites($0, name) } }
    }

    /// Whether the system's OpenSSL knows these groups.
    public static func isKnown(groups: String) -> Bool {
        isAccepted { shim_SSL_CTX_set1_groups_list($0, groups) }
    }

    /// With the hybrid group that withstands quantum computers, where the system's OpenSSL (3.5 or later) has it.
    static let defaultGroups: String = {
        let classical = "X25519:P-256:P-384"
        let hybrid = "X25519MLKEM768:" + classical
        return isKnown(groups: hybrid) ? hybrid : classical
    }()

    private static func isAccepted(_ setting: (OpaquePointer) -> CInt) -> Bool {
        ErrorQueue.around {
            guard let context = SSL_CTX_new(TLS_server_method()) else { return false }
            defer { SSL_CTX_free(context) }
            return setting(context) == 1
        }.result
    }
}

extension TLSPolicy.Version {
    var number: CInt {
        switch self {
        case .tls12: TLS1_2_VERSION
        case .tls13: TLS1_3_VERSION
        }
    }
}

extension TLSPolicy.ClientAuthentication {
    /// Source: SSL_CTX_set_verify(3).
    var mode: CInt {
        switch self {
        case .off: SSL_VERIFY_NONE
        case .optional: SSL_VERIFY_PEER
        case .required: SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
        }
    }
}

import COpenSSL

/// The names in a certificate's subjectAltName.
final class AlternativeNames {
    let pointer: OpaquePointer

    init(_ names: TestAuthority.Names) throws {
        guard let pointer = shim_GENERAL_NAMES_new() else { throw OpenSSLFailure("GENERAL_NAMES_new") }
        self.pointer = pointer
        for name in names.dns { try add(GEN_DNS, text(name)) }
        for name in names.emails { try add(GEN_EMAIL, text(name)) }
        for address in names.ipAddresses {
            guard let value = a2i_IPADDRESS(address) else { throw OpenSSLFailure("a2i_IPADDRESS") }
            try add(GEN_IPADD, value)
        }
    }

    deinit { GENERAL_NAMES_free(pointer) }

    private func text(_ bytes: [UInt8]) throws -> UnsafeMutablePointer<ASN1_STRING> {
        guard let value = ASN1_IA5STRING_new() else { throw OpenSSLFailure("ASN1_IA5STRING_new") }
        guard ASN1_STRING_set(value, bytes, CInt(bytes.count)) == 1 else {
            ASN1_STRING_free(value)
            throw OpenSSLFailure("ASN1_STRING_set")
        }
        return value
    }

    /// Takes over `value`.
    private func add(_ kind: CInt, _ value: UnsafeMutablePointer<ASN1_STRING>) throws {
        guard let name = GENERAL_NAME_new() else {
            ASN1_STRING_free(value)
            throw OpenSSLFailure("GENERAL_NAME_new")
        }
        GENERAL_NAME_set0_value(name, kind, value)
        guard shim_sk_GENERAL_NAME_push(pointer, name) > 0 else {
            GENERAL_NAME_free(name)
            throw OpenSSLFailure("sk_GENERAL_NAME_push")
        }
    }
}

import COpenSSL

extension Certificate {
    /// Whom it was issued to: the DNS names, then the local parts of the e-mail addresses, then the common names.
    ///
    /// None where one of them holds a NUL: whoever reads such a name up to the NUL reads another name than its issuer did
    /// (CVE-2009-2408). Source: RFC 5280, sections 4.1.2.6 and 4.2.1.6.
    var names: [String] {
        let (hosts, emails) = (alternativeNames(of: GEN_DNS), alternativeNames(of: GEN_EMAIL))
        let commonNames = commonNames
        guard !(hosts + emails + commonNames).contains(where: { $0.contains(0) }) else { return [] }
        let localParts = emails.map { Array($0.prefix { $0 != UInt8(ascii: "@") }) }
        return (hosts + localParts + commonNames).map { String(decoding: $0, as: UTF8.self) }
    }

    private func alternativeNames(of kind: CInt) -> [[UInt8]] {
        guard let extensions = X509_get_ext_d2i(pointer, NID_subject_alt_name, nil, nil) else { return [] }
        let names = OpaquePointer(extensions)
        defer { GENERAL_NAMES_free(names) }
        return (0..<max(shim_sk_GENERAL_NAME_num(names), 0)).compactMap { index in
            var type: CInt = 0
            let value = GENERAL_NAME_get0_value(shim_sk_GENERAL_NAME_value(names, index), &type)
            guard type == kind, let value else { return nil }
            let string = value.assumingMemoryBound(to: ASN1_STRING.self)
            return Array(
                UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string))))
        }
    }

    private var commonNames: [[UInt8]] {
        let subject = X509_get_subject_name(pointer)
        var names: [[UInt8]] = []
        var index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1)
        while index >= 0 {
            var bytes: UnsafeMutablePointer<UInt8>?
            let count = ASN1_STRING_to_UTF8(&bytes, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)))
            names.append(Array(UnsafeBufferPointer(start: bytes, count: max(Int(count), 0))))
            shim_OPENSSL_free(bytes)
            index = X509_NAME_get_index_by_NID(subject, NID_commonName, index)
        }
        return names
    }
}

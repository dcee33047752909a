import COpenSSL

/// An error in this thread's queue that nobody has taken out.
public enum StaleError {
    /// Leaves one, as a call does whose failure nobody minds.
    public static func leave() {
        let bio = BIO_new(BIO_s_mem())
        defer { BIO_free(bio) }
        X509_free(PEM_read_bio_X509(bio, nil, nil, nil))
    }
}

import COpenSSL

/// OpenSSL's error queue, of which every thread has one.
///
/// OpenSSL does not clear it at the entry of a call, and SSL_get_error looks into it: what one connection left there would
/// be another's error. So every call that can fail is made through one of these, and nothing else touches the queue.
/// Source: SSL_get_error(3), ERR_get_error(3).
enum ErrorQueue {
    /// Makes calls with an empty queue, and takes out what they leave in it.
    static func around<Result>(_ calls: () -> Result) -> (result: Result, reasons: [OpenSSLError.Reason]) {
        clear()
        let result = calls()
        return (result, takeAll())
    }

    /// Makes a call that returns more than 0 where it succeeds, and returns `nil` then: what it may have left in the queue is
    /// cleared before the next. Otherwise what `explain` makes of its result, and what was in the queue.
    static func failure<Explanation>(
        of call: () -> CInt, explain: (CInt) -> Explanation
    ) -> (explanation: Explanation, reasons: [OpenSSLError.Reason])? {
        clear()
        let result = call()
        guard result <= 0 else { return nil }
        let explanation = explain(result)
        return (explanation, takeAll())
    }

    private static func clear() {
        // Clearing goes through all sixteen entries, also of an empty queue.
        if ERR_peek_error() != 0 { ERR_clear_error() }
    }

    /// Makes a call that returns 1, or something else where it has failed.
    static func check(_ name: String, _ call: () -> CInt) throws(OpenSSLError) {
        let (result, reasons) = around(call)
        guard result == 1 else { throw OpenSSLError(call: name, reasons: reasons) }
    }

    /// Makes a call that returns what it has made, or NULL where it has failed.
    static func make<Pointer>(_ name: String, _ call: () -> Pointer?) throws(OpenSSLError) -> Pointer {
        let (result, reasons) = around(call)
        guard let result else { throw OpenSSLError(call: name, reasons: reasons) }
        return result
    }

    private static func takeAll() -> [OpenSSLError.Reason] {
        var reasons: [OpenSSLError.Reason] = []
        var (data, flags): (UnsafePointer<CChar>?, CInt) = (nil, 0)
        while case let error = ERR_get_error_all(nil, nil, nil, &data, &flags), error != 0 {
            var text = ERR_reason_error_string(error).map { String(cString: $0) } ?? "error \(error)"
            if flags & ERR_TXT_STRING != 0, let data, data.pointee != 0 { text += " (\(String(cString: data)))" }
            reasons.append(.init(library: ERR_GET_LIB(error), code: ERR_GET_REASON(error), text: text))
        }
        return reasons
    }
}

import EventLoop

/// How a value is written.
struct SettingFormat<Value>: Sendable {
    /// What a wrong value is not: "a port, 0 to 65535".
    let expected: String
    /// `nil` where the text is not such a value.
    let parse: @Sendable (String) -> Value?
    /// As an operator would write it.
    var text: @Sendable (Value) -> String = { "\($0)" }
}

extension SettingFormat<Int> {
    static func number(_ range: ClosedRange<Int>) -> Self {
        Self(
            expected: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            parse: { text in text.digits.flatMap({ Int($0) }).flatMap { range.contains($0) ? $0 : nil } })
    }

    static func bytes(_ range: ClosedRange<Int>) -> Self {
        let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("", 1)]
        @Sendable func write(_ bytes: Int) -> String {
            let unit = units.first { bytes.isMultiple(of: $0.1) } ?? ("", 1)
            return "\(bytes / unit.1)\(unit.0)"
        }
        return Self(
            expected: "a size such as 1MiB or 65536, from \(write(range.lowerBound)) to \(write(range.upperBound))",
            parse: { text in
                guard let unit = units.first(where: { text.hasSuffix($0.0) }),
                    let count = text.dropLast(unit.0.count).digits.flatMap({ Int($0) })
                else { return nil }
                let (bytes, isTooMuch) = count.multipliedReportingOverflow(by: unit.1)
                return !isTooMuch && range.contains(bytes) ? bytes : nil
            },
            text: write)
    }
}

extension SettingFormat<UInt16> {
    static let port = Self(expected: "a port, 0 to 65535", parse: { $0.digits.flatMap { UInt16($0) } })
}

extension SettingFormat<Network> {
    static let network = Self(expected: "a network such as 127.0.0.0/8 or ::1", parse: { Network($0) })
}

extension SettingFormat<Duration> {
    static func duration(atLeast least: Duration) -> Self {
        Self(
            expected: "\(duration.expected), at least \(duration.text(least))",
            parse: { duration.parse($0).flatMap { $0 >= least ? $0 : nil } }, text: duration.text)
    }

    static let duration = Self(
        expected: "a time such as 500ms, 30s, 5m or 1h",
        parse: { text in
            let units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)]
            guard let unit = units.first(where: { text.hasSuffix($0.0) }),
                let count = text.dropLast(unit.0.count).digits.flatMap({ Int32($0) }), count > 0
            else { return nil }
            return .milliseconds(Int64(count) * Int64(unit.1))
        },
        text: { duration in
            let seconds = duration.components.seconds
            return duration == .seconds(seconds) ? "\(seconds)s" : "\(duration / .milliseconds(1))ms"
        })
}

extension SettingFormat<Duration?> {
    static let durationOrOff = Self(
        expected: "off, or \(SettingFormat<Duration>.duration.expected)",
        parse: { $0 == "off" ? .some(nil) : SettingFormat<Duration>.duration.parse($0).map(Optional.some) },
        text: { $0.map(SettingFormat<Duration>.duration.text) ?? "off" })
}

extension SettingFormat<String> {
    static let path = Self(expected: "a path", parse: { $0.isEmpty ? nil : $0 })

    /// Text that is one where OpenSSL knows what is in it.
    static func list(of expected: String, isKnown: @escaping @Sendable (String) -> Bool) -> Self {
        Self(expected: "a list of \(expected) that the system's OpenSSL has", parse: { isKnown($0) ? $0 : nil })
    }
}

extension SettingFormat<String?> {
    /// The empty text is no path.
    static let optionalPath = Self(expected: "a path", parse: { .some($0.isEmpty ? nil : $0) }, text: { $0 ?? "" })
}

extension SettingFormat where Value: CaseIterable & RawRepresentable & Sendable, Value.RawValue == String {
    static var oneOf: Self {
        Self(
            expected: "one of " + Value.allCases.map(\.rawValue).joined(separator: ", "),
            parse: { Value(rawValue: $0) }, text: { $0.rawValue })
    }
}

extension SettingFormat<ListenerURL> {
    static let listener = Self(
        expected: "a listener such as plain://[::]:4000, with one of the transports "
            + TransportKind.allCases.map(\.rawValue).joined(separator: ", "),
        parse: { ListenerURL($0) })
}

extension StringProtocol {
    /// The text itself where it is nothing but decimal digits: Swift's numbers would take a sign as well.
    var digits: Self? { utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) ? self : nil }
}

/// How the network cuts a stream into chunks: sizes that come round.
public struct Cut: Sendable {
    private let sizes: [Int]

    public static let bytewise = Cut([1])

    /// Two sizes of 1 to 256 bytes.
    public init(_ input: inout Input) {
        self.init([Int(input.byte()) + 1, Int(input.byte()) + 1])
    }

    private init(_ sizes: [Int]) {
        self.sizes = sizes
    }

    /// Each chunk in memory of its own, so that AddressSanitizer sees what is read beyond it. The last one has the rest, where
    /// there are no more than `limit`.
    public func chunks(of stream: [UInt8], upTo limit: Int = .max) -> [[UInt8]] {
        var chunks: [[UInt8]] = []
        var rest = stream[...]
        while !rest.isEmpty {
            let size = chunks.count == limit - 1 ? rest.count : sizes[chunks.count % sizes.count]
            chunks.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return chunks
    }
}

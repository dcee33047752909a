import CLinux
import Glibc

/// An IPv4 or IPv6 address with a port.
public struct SocketAddress: Sendable, CustomStringConvertible {
    /// The larger of the two.
    private var storage = sockaddr_in6()
    private var length = socklen_t(MemoryLayout<sockaddr_in6>.size)

    private init() {}

    /// The addresses of a name or a numeric address, in the resolver's order, at least one. Blocks.
    ///
    /// Source: getaddrinfo(3).
    public static func resolve(host: String, port: UInt16) throws(ResolutionError) -> [Self] {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let failure = getaddrinfo(host, String(port), &hints, &list)
        guard failure == 0, let list else { throw ResolutionError(code: failure) }
        defer { freeaddrinfo(list) }
        return sequence(first: list, next: \.pointee.ai_next).map { entry in
            var address = Self()
            address.length = entry.pointee.ai_addrlen
            withUnsafeMutableBytes(of: &address.storage) { storage in
                let resolved = UnsafeRawBufferPointer(start: entry.pointee.ai_addr, count: Int(address.length))
                storage.copyMemory(from: resolved)
            }
            return address
        }
    }

    /// The address that a call such as getsockname(2) or accept4(2) fills in.
    init(filledBy fill: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> Void) {
        withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { fill($0, &length) }
        }
    }

    var family: CInt { CInt(storage.sin6_family) }

    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    /// In host byte order; both families keep it at the same place.
    public var port: UInt16 {
        get {
            withUnsafeBytes(of: storage) { UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self)) }
        }
        set {
            withUnsafeMutableBytes(of: &storage) {
                $0.storeBytes(of: newValue.bigEndian, toByteOffset: 2, as: UInt16.self)
            }
        }
    }

    /// Whose address it is; `nil` if it is neither an IPv4 nor an IPv6 one.
    public var block: AddressBlock? {
        guard let (high, low) = bits else { return nil }
        return high == 0 && low >> 32 == 0xffff
            ? AddressBlock(ipv4: UInt32(truncatingIfNeeded: low)) : AddressBlock(ipv6: high)
    }

    /// The address as an IPv6 one, an IPv4 address mapped: RFC 4291, section 2.5.5.2. `nil` if it is neither.
    var bits: (high: UInt64, low: UInt64)? {
        withUnsafeBytes(of: storage) { bytes in
            func number<Number: FixedWidthInteger>(at offset: Int, as type: Number.Type) -> Number {
                Number(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
            }
            // Of sockaddr_in and sockaddr_in6: ip(7), ipv6(7).
            switch family {
            case AF_INET: return (0, 0xffff << 32 | UInt64(number(at: 4, as: UInt32.self)))
            case AF_INET6: return (number(at: 8, as: UInt64.self), number(at: 16, as: UInt64.self))
            default: return nil
            }
        }
    }

    /// `127.0.0.1:4000` or `[::1]:4000`; an IPv4 address that came over an IPv6 socket is shown as the former.
    public var description: String {
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let failure = withSocketAddress { address, length in
            getnameinfo(address, length, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
        }
        guard failure == 0 else { return "unknown" }
        let text = String(decoding: host.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let mapped = "::ffff:"
        if text.hasPrefix(mapped), text.contains(".") { return "\(text.dropFirst(mapped.count)):\(port)" }
        return family == AF_INET6 ? "[\(text)]:\(port)" : "\(text):\(port)"
    }
}

/// A name that has no address, and the resolver's reason.
public struct ResolutionError: Error, CustomStringConvertible {
    let code: CInt

    public var description: String { String(cString: gai_strerror(code)) }
}

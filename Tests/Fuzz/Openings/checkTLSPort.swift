import ChatTransport
import EventLoop
import FuzzSupport
import TestSupport

/// Text gets one line of text, and anything else OpenSSL's answer: PROTOCOL.md, "The wrong protocol on a port".
func checkTLSPort(_ chunks: [[UInt8]], _ stream: [UInt8]) {
    let (near, far) = succeed { try Socket.pair() }
    var end = makeEnd(over: near)
    for chunk in chunks where !end.isOver {
        far.say(chunk)
        end.takeIn()
    }
    succeed { try far.shutdownSending() }
    end.takeIn()
    require(!end.isEstablished && end.heard.isEmpty, "No stranger's byte arrives")
    end.closeInOrder()
    let (answer, hasEnded) = far.hear()
    require(hasEnded, "The server's direction ends as well")
    if let first = stream.first, isText(first) {
        require(end.failure == .wrongTransport("plain text"), "Text is no TLS")
        require(answer.starts(with: Array("told ".utf8)), "Text is answered in text")
        checkFirstLine(Array(answer.dropFirst(5)), of: stream)
    } else {
        switch end.failure {
        case .tls, .truncated: break
        default: require(false, "What is no handshake fails as one: \(String(describing: end.failure))")
        }
        checkRecords(answer)
    }
}

/// One who is not served is told so by an alert, and what comes is discarded.
func checkRefusal(_ stream: [UInt8]) {
    let (near, far) = succeed { try Socket.pair() }
    var end = makeEnd(over: near)
    end.transport.refuse()
    far.say(stream)
    succeed { try far.shutdownSending() }
    require((try? end.transport.write([0x78].span)) == nil, "Nothing is said to one who is not served")
    end.closeInOrder()
    require(far.hear() == ([21, 3, 1, 0, 2, 2, 49], true), "It is told so by one alert")
}

private func makeEnd(over socket: Socket) -> End {
    let transport = OpenSSLTransport(socket, TLSServer.shared.context) { line in
        Array("told ".utf8) + line.withUnsafeBufferPointer { Array($0) }
    }
    return End(transport, over: socket)
}

private func isText(_ byte: UInt8) -> Bool {
    (0x20...0x7E).contains(byte) || [0x09, 0x0A, 0x0D].contains(byte)
}

private func checkFirstLine(_ told: [UInt8], of stream: [UInt8]) {
    var line = stream.prefix { $0 != 0x0A }
    // As much as has come of a line that is longer than lines may be.
    if told.count >= 4_096, line.starts(with: told) { return }
    if line.count < stream.count, line.last == 0x0D { line.removeLast() }
    require(told == Array(line), "The answer is to the first line")
}

/// Whatever OpenSSL answers is records: RFC 8446, section 5.1.
private func checkRecords(_ answer: [UInt8]) {
    var rest = answer[...]
    while !rest.isEmpty {
        let header = Array(rest.prefix(5))
        require(header.count == 5 && (20...23).contains(header[0]), "The answer is TLS")
        // A ClientHello of a version that there is not gets OpenSSL's alert under that version.
        require(header[1] == 3 || header[0] == RecordForger.ContentType.alert, "It is of a version that there is")
        let length = Int(header[3]) << 8 | Int(header[4])
        require(rest.count >= 5 + length, "A record is whole")
        rest = rest.dropFirst(5 + length)
    }
}

import ChatTransport
import EventLoop
import FuzzSupport

/// A ClientHello gets an alert, and nothing else changes a byte: PROTOCOL.md, "The wrong protocol on a port".
func checkPlaintextPort(_ chunks: [[UInt8]], _ stream: [UInt8]) {
    let (near, far) = succeed { try Socket.pair() }
    var end = End(PlainTransport(near), over: near)
    let isHello = stream.starts(with: [22, 3])
    var said = 0
    for chunk in chunks where !end.isOver {
        far.say(chunk)
        said += chunk.count
        end.takeIn()
        guard !isHello else { continue }
        // The first byte of a ClientHello waits for the second.
        let mayWait = said == 1 && stream[0] == 22
        require(end.heard == Array(stream[..<said]) || mayWait && end.heard.isEmpty, "Text arrives as it comes")
    }
    succeed { try far.shutdownSending() }
    end.takeIn()
    if isHello {
        require(end.failure == .wrongTransport("TLS") && end.heard.isEmpty, "A ClientHello is no text")
    } else {
        require(end.hasHeardEnd && end.heard == stream, "Everything arrives, and then the end")
    }
    end.closeInOrder()
    let answer: [UInt8] = isHello ? [21, 3, 1, 0, 2, 2, 10] : []
    require(far.hear() == (answer, true), "A ClientHello alone is answered, by an alert")
}

import EventLoop
import Testing

@testable import ChatServer

struct SpeechMeterTests {
    private let start = Instant(nanoseconds: 1_000_000_000)

    @Test("Who says much in a second floods, in however many pieces, and a second later no longer")
    func flood() {
        var meter = SpeechMeter()
        for part in 0..<64 {
            meter.note(1 << 10, at: start + .milliseconds(part))
            #expect(!meter.exceeds(at: start + .milliseconds(part)))
        }
        meter.note(1, at: start + .milliseconds(64))
        #expect(meter.exceeds(at: start + .milliseconds(999)))
        #expect(!meter.exceeds(at: start + .seconds(1)))
    }

    @Test("Who says little for long does not")
    func talk() {
        var meter = SpeechMeter()
        for second in 0..<1_000 {
            meter.note(32 << 10, at: start + .seconds(second))
            #expect(!meter.exceeds(at: start + .seconds(second)))
        }
    }
}

import Histogram
import LoadSupport

/// How long lines took, in microseconds, from when they were sent or due to each receiver.
struct Latency: Encodable {
    let p50: Double
    let p99: Double
    let p999: Double
    let maximum: Double

    init(_ histogram: Histogram<UInt32>) {
        p50 = histogram.valueAtPercentile(50).microseconds
        p99 = histogram.valueAtPercentile(99).microseconds
        p999 = histogram.valueAtPercentile(99.9).microseconds
        maximum = histogram.maxRecorded.microseconds
    }
}

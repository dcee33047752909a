import LoadSupport

/// The floor, by its variants.
struct FloorReport: Report {
    enum Result: Encodable {
        case fanOut(FloorVariant, Int, FanoutFigures)
        case connect(FloorVariant, ConnectFigures)

        var isFaultless: Bool {
            switch self {
            case .fanOut(_, _, let figures): figures.isFaultless
            case .connect(_, let figures): figures.isFaultless
            }
        }

        private enum Key: CodingKey {
            case variant, inFlight
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            switch self {
            case .fanOut(let variant, let inFlight, let figures):
                try container.encode(variant, forKey: .variant)
                try container.encode(inFlight, forKey: .inFlight)
                try figures.encode(to: encoder)
            case .connect(let variant, let figures):
                try container.encode(variant, forKey: .variant)
                try figures.encode(to: encoder)
            }
        }
    }

    private let workload = "floor"
    let variants: [Result]

    var table: Table {
        var table = Table()
        table.add("", "CPU per unit", "units per second", "p50", "load's share")
        for result in variants {
            switch result {
            case .fanOut(let variant, _, let figures):
                table.add(
                    "\(variant.rawValue), by the delivery",
                    figures.server?.cpuMicrosecondsPerDelivery.map { $0.figure + " µs" } ?? "-",
                    figures.deliveriesPerSecond.figure,
                    figures.latencyMicroseconds.map { $0.p50.figure + " µs" } ?? "-",
                    figures.load.cpuShare.percent)
            case .connect(let variant, let figures):
                table.add(
                    "\(variant.rawValue), by the connection",
                    figures.server?.cpuMicrosecondsPerConnection.map { $0.figure + " µs" } ?? "-",
                    figures.connectionsPerSecond.figure, "", figures.load.cpuShare.percent)
            }
        }
        return table
    }
}

import ArgumentParser
import FoundationEssentials
import LoadSupport

/// How the figures are shown.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON instead of a table.")
    var json = false

    func show(_ report: some Report) throws {
        guard json else { return print(report.table.text) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(report), as: UTF8.self))
    }
}

import ArgumentParser

/// How long is measured.
struct DurationOptions: ParsableArguments {
    @Option(help: "How long to measure.")
    var seconds = 2.0

    func validate() throws {
        guard seconds > 0, seconds <= 3_600 else {
            throw ValidationError("--seconds must be above 0, and 3600 at most.")
        }
    }
}

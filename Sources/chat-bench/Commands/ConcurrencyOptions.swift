import ArgumentParser

/// How many clients come at once.
struct ConcurrencyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Connections at once, where they come and go.", valueName: "number"))
    var concurrency = 16

    func validate() throws {
        guard (1...1_000).contains(concurrency) else { throw ValidationError("--concurrency must be 1 to 1000.") }
    }
}

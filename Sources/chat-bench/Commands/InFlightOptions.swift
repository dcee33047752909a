import ArgumentParser

/// How far ahead a sender is of its receivers.
struct InFlightOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Lines of each sender that have not reached everybody.", valueName: "number"))
    var inFlight = 64

    @Flag(help: "Send each line by itself, not all that are due at once: the server finds some of them in each turn.")
    var singly = false

    var pace: FanoutWorkload.Pace { .closed(inFlight: inFlight, singly: singly) }

    func validate() throws {
        guard (1...1_000_000).contains(inFlight) else { throw ValidationError("--in-flight must be 1 to 1000000.") }
    }
}

import ArgumentParser
import LoadSupport

/// How large the load is.
struct LoadOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Clients in the room.", valueName: "number"))
    var receivers = 50

    @Option(help: ArgumentHelp("How many of them speak.", valueName: "number"))
    var senders = 1

    @Option(help: ArgumentHelp("The length of a text, in bytes.", valueName: "bytes"))
    var size = 64

    @OptionGroup var duration: DurationOptions

    func validate() throws {
        guard receivers >= 2, (1...receivers).contains(senders) else {
            throw ValidationError("--receivers must be 2 or more, and --senders 1 to as many.")
        }
        guard (0...4_000).contains(size) else { throw ValidationError("--size must be 0 to 4000.") }
    }

    /// Throws where the protocol does not let the load be checked.
    func validate(with dialect: DialectName) throws {
        guard dialect.dialect.echoes || senders == 1 else {
            throw ValidationError(
                "Over \(dialect.rawValue) senders do not see their own lines in the others' order: one only.")
        }
    }

    var seconds: Double { duration.seconds }

    var load: LoadSize { LoadSize(receivers: receivers, senders: senders, lineSize: size) }
}

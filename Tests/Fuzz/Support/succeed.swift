/// What a call returns that the machine must let succeed, whatever the input is.
public func succeed<Result>(_ call: () throws -> Result) -> Result {
    do {
        return try call()
    } catch {
        fatalError("\(error)")
    }
}

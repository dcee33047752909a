/// Ends the program where something does not hold that must: libFuzzer keeps the input. Says why, as `precondition` in an
/// optimised build would not.
public func require(
    _ condition: Bool, _ claim: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) {
    if !condition { fatalError("not so: \(claim())", file: file, line: line) }
}

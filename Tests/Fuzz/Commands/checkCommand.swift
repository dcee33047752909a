import ChatProtocol
import FuzzSupport

/// What a line is parsed into, whatever it is.
func checkCommand(_ line: [UInt8]) {
    switch Command(line.span) {
    case .login(let name): checkArgument(name, of: line)
    case .message(let text): checkArgument(text, of: line)
    case .direct(let name, let text):
        checkArgument(name, of: line)
        checkArgument(text, of: line)
        require(!line[name].contains(where: isWhiteSpace), "A name in front of a text is one word")
        require(line[name.upperBound..<text.lowerBound].allSatisfy(isWhiteSpace), "The text begins behind the name")
        require(name.upperBound < text.lowerBound, "There is something between the name and the text")
    case .blank: require(line.allSatisfy(isWhiteSpace), "A blank line is white space")
    default: break
    }
}

private func checkArgument(_ argument: Range<Int>, of line: [UInt8]) {
    require(0 < argument.lowerBound && argument.upperBound <= line.count, "An argument lies in its line")
    guard let first = line[argument].first, let last = line[argument].last else {
        return require(false, "An argument is something")
    }
    require(!isWhiteSpace(first) && !isWhiteSpace(last), "An argument is trimmed")
    require(isWhiteSpace(line[argument.lowerBound - 1]), "An argument begins behind white space")
}

private func isWhiteSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
}

/// What a client says to the server, one line each, apart from bytes that are no command.
enum Utterance {
    case login
    /// Under a name that somebody else has.
    case loginAs(String)
    /// Its length in bytes is that of what stands behind the number.
    case message(length: Int)
    case direct(to: String)
    case who
    case ping
    case help
    case nonsense
    /// A line that is longer than lines may be.
    case endless
    case exit
}

import LoadSupport

/// Figures, for people and for programs.
protocol Report: Encodable {
    var table: Table { get }
}

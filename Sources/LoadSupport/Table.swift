import Foundation

/// What is printed: a name and its figures to a line, in columns.
package struct Table {
    private var rows: [[String]] = []

    package init() {}

    package mutating func add(_ cells: String...) {
        rows.append(cells)
    }

    package var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.compactMap { $0.indices.contains(column) ? $0[column].count : nil }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + padding : padding + cell
            }
            return cells.joined(separator: "  ").trimmingSpacesAtEnd
        }.joined(separator: "\n")
    }
}

extension Double {
    /// With three significant digits, or all of those before the point.
    package var figure: String {
        formatted(
            .number.precision(abs(self) >= 100 ? .fractionLength(0) : .significantDigits(1...3))
                .locale(Locale(identifier: "en_US")))
    }

    package var percent: String { "\((self * 100).figure) %" }
}

extension Int {
    package var figure: String { Double(self).figure }
}

extension String {
    fileprivate var trimmingSpacesAtEnd: String {
        String(reversed().drop { $0 == " " }.reversed())
    }
}

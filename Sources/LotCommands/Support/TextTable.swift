/// A table of plain text: columns as wide as their widest cell, two spaces apart.
struct TextTable {
    private var rows: [[String]]
    private let rightAligned: Set<Int>

    /// A table with a header; the columns of `numbers` are aligned to the right.
    init(_ header: [String], numbers: Set<Int> = []) {
        rows = [header]
        rightAligned = numbers
    }

    /// Adds a row with as many cells as the header has.
    mutating func add(_ cells: [String]) {
        precondition(cells.count == rows[0].count)
        rows.append(cells)
    }

    /// The lines, the last one ending with a line break too; nothing follows a line's last word.
    var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let line = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return rightAligned.contains(column) ? padding + cell : cell + padding
            }.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
        }.joined()
    }
}

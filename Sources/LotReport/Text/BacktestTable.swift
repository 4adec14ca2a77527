public import LotCore

/// The result of a run as a table for the terminal.
///
/// Every text that came from outside passes ``escaped(_:limit:)``, so no escape sequence reaches
/// the terminal.
public enum BacktestTable {
    /// Renders the table: the metrics that people look for first, all others being in the files.
    ///
    /// - Parameters:
    ///   - result: The run.
    ///   - width: Columns of the terminal; two groups stand side by side from 76 on.
    ///   - color: Whether losses, gains and warnings are coloured (ANSI).
    /// - Returns: Lines of text, the last one ending with a line break too.
    /// - Complexity: O(metrics).
    public static func render(_ result: RunResult, width: Int = 80, color: Bool = false)
        -> String
    {
        let paint = Paint(isOn: color)
        var lines = header(result, paint)
        let blocks = MetricRow.groups(result).compactMap { group, rows in
            let shown = rows.filter(\.isShort)
            return shown.isEmpty ? nil : block(group.rawValue, shown, paint)
        }
        if width >= 76 {
            // Performance | Risk, then Trades | Honesty and Window: two columns of like height.
            var left: [Line] = []
            var right: [Line] = []
            for block in blocks {
                if left.count <= right.count { left += block } else { right += block }
            }
            lines += sideBySide(left, right, column: (min(width, 100) - 4) / 2)
        } else {
            lines += blocks.flatMap { $0 }.map { $0.text(width: max(40, width)).trimmed }
        }
        lines += symbols(result, paint)
        lines += notes(result, paint)
        return lines.joined(separator: "\n") + "\n"
    }

    /// Most symbols that are listed.
    public static let symbolLimit = 20

    /// What came of each symbol of a run over several, the most profitable first where there are
    /// too many.
    private static func symbols(_ result: RunResult, _ paint: Paint) -> [String] {
        guard !result.symbols.isEmpty else { return [] }
        var rows = result.symbols
        if rows.count > symbolLimit {
            rows.sort { ($1.profit, $0.symbol) < ($0.profit, $1.symbol) }
        }
        let widths = [-12, 7, 9, 12, 9, 7, 9, 9, 11]
        func line(_ cells: [(text: String, tone: Int)]) -> String {
            zip(cells, widths).map { cell, width in
                let text = width < 0 ? escaped(cell.text, limit: 16) : cell.text
                return paint.tone(cell.tone, padded(text, width))
            }.joined()
        }
        var lines = ["", paint.bold(line(SymbolTable.heads.map { ($0, 0) }))]
        lines += rows.prefix(symbolLimit).map { line(SymbolTable.cells($0)) }
        if rows.count > symbolLimit {
            lines.append("… and \(rows.count - symbolLimit) more: symbols.csv has all")
        }
        return lines
    }

    /// Renders one breakdown: a line for each period with a close.
    ///
    /// - Parameters:
    ///   - result: The run.
    ///   - kind: What stretches of time.
    ///   - color: Whether gains and losses are coloured (ANSI).
    /// - Returns: Lines of up to 76 columns, an empty one first.
    public static func breakdown(_ result: RunResult, _ kind: PeriodKind, color: Bool = false)
        -> String
    {
        let paint = Paint(isOn: color)
        let title = kind.rawValue.prefix(1).uppercased() + kind.rawValue.dropFirst()
        let head = ["Return", "Buy & hold", "Profit", "Trades", "Wins", "Losses"]
        let widths = [12, 12, 16, 9, 7, 8]
        func line(_ label: String, _ cells: [String], _ tones: [Int]) -> String {
            zip(cells.indices, cells).reduce(padded(label, -12)) { text, cell in
                text + paint.tone(tones[cell.0], padded(cell.1, widths[cell.0]))
            }
        }
        let rows = result.details.rows(kind).map { row in
            line(
                row.label(kind),
                [
                    NumberText.percent(row.growth), NumberText.percent(row.market),
                    NumberText.fixed(row.profit, 2), grouped(row.trades), grouped(row.wins),
                    grouped(row.losses),
                ], [tone(row.growth), tone(row.market), tone(row.profit), 0, 0, 0])
        }
        let heading = paint.bold(line(String(title), head, [0, 0, 0, 0, 0, 0]))
        return (["", heading] + rows).joined(separator: "\n") + "\n"
    }

    private static func tone(_ value: Double) -> Int { value > 0 ? 1 : value < 0 ? -1 : 0 }

    /// The text in `width` columns, to the right, or to the left below 0.
    private static func padded(_ text: String, _ width: Int) -> String {
        let filler = String(repeating: " ", count: max(0, abs(width) - text.count))
        return width < 0 ? text + filler : filler + text
    }

    private static func header(_ result: RunResult, _ paint: Paint) -> [String] {
        let data = result.data
        var lines = [
            paint.bold(escaped(result.strategy.name, limit: 200)) + "  on "
                + data.seriesTitle,
            RunText.period(data) + ", " + counted(data.bars, "bar"),
        ]
        if let terms = RunText.terms(result) { lines.append(terms) }
        let parameters = escaped(RunText.parameters(result.strategy), limit: 400)
        if !parameters.isEmpty { lines.append(parameters) }
        if let stitching = result.stitching { lines.append(RunText.stitching(stitching)) }
        return lines
    }

    private static func block(_ title: String, _ rows: [MetricRow], _ paint: Paint) -> [Line] {
        var lines = [Line(label: "", value: ""), Line(label: title, value: "", paint: paint.bold)]
        for row in rows {
            lines.append(
                Line(
                    label: escaped(row.presentation.label), value: row.text,
                    paintValue: { paint.tone(row.tone, $0) }))
        }
        return lines
    }

    private static func sideBySide(_ left: [Line], _ right: [Line], column: Int) -> [String] {
        (0..<max(left.count, right.count)).map { index in
            let first =
                index < left.count
                ? left[index].text(width: column) : String(repeating: " ", count: column)
            guard index < right.count, !right[index].isBlank else {
                return index < left.count ? left[index].text(width: column).trimmed : ""
            }
            return first + "    " + right[index].text(width: column).trimmed
        }
    }

    private static func notes(_ result: RunResult, _ paint: Paint) -> [String] {
        var lines: [String] = []
        for (reason, count) in result.counters.sortedRejections {
            lines.append("rejected: \(escaped(reason, limit: 200)): \(grouped(count))")
        }
        for warning in result.warnings {
            lines.append(paint.warning("warning: ") + escaped(warning, limit: 400))
        }
        return lines.isEmpty ? [] : [""] + lines
    }
}

/// A label on the left and a value on the right.
private struct Line {
    var label: String
    var value: String
    var paint: (String) -> String = { $0 }
    var paintValue: (String) -> String = { $0 }

    var isBlank: Bool { label.isEmpty && value.isEmpty }

    func text(width: Int) -> String {
        let indent = value.isEmpty ? "" : "  "
        let space = max(1, width - indent.count - label.count - value.count)
        let filler = String(repeating: " ", count: space)
        return indent + paint(label) + filler + paintValue(value)
    }
}

/// ANSI colours, or nothing.
private struct Paint {
    let isOn: Bool

    func bold(_ text: String) -> String { code("1", text) }

    func warning(_ text: String) -> String { code("33", text) }

    func tone(_ tone: Int, _ text: String) -> String {
        tone == 0 ? text : code(tone > 0 ? "32" : "31", text)
    }

    private func code(_ code: String, _ text: String) -> String {
        isOn && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

extension String {
    /// The text without spaces at its end.
    fileprivate var trimmed: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}

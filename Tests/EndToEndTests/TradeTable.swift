import Foundation

/// A trade as a table of trades has it; the golden files and `trades.csv` are both read into it.
struct TradeRow: Equatable {
    var entryTime: Int64
    var exitTime: Int64
    var side: String
    var entryPrice: Double
    var exitPrice: Double
    var quantity: Double
    var fees: Double
    var profit: Double
    var exitTag: String
}

/// Reads a CSV file with a header into rows by column name; quoted fields may hold commas.
func readTable(_ file: URL) throws -> [[String: String]] {
    let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    var lines = text.split(whereSeparator: \.isNewline).map(fields)
    guard !lines.isEmpty else { throw HarnessError(description: "\(file.path) is empty") }
    let header = lines.removeFirst()
    return lines.map { Dictionary(zip(header, $0)) { first, _ in first } }
}

private func fields(_ line: Substring) -> [String] {
    var result = [""]
    var isQuoted = false
    for character in line {
        if character == "\"" {
            isQuoted.toggle()
        } else if character == ",", !isQuoted {
            result.append("")
        } else {
            result[result.count - 1].append(character)
        }
    }
    return result
}

/// Reads a table of trades.
func readTrades(_ file: URL) throws -> [TradeRow] {
    try readTable(file).map { row in
        func number(_ name: String) throws -> Double {
            guard let value = row[name].flatMap({ Double($0) }) else {
                throw HarnessError(
                    description: "\(file.path): no number \"\(name)\" in \(row)")
            }
            return value
        }
        return TradeRow(
            entryTime: try time(row["entry_ms"] ?? row["entry_time"], file),
            exitTime: try time(row["exit_ms"] ?? row["exit_time"], file),
            side: row["side"] == "buy" ? "long" : row["side"] ?? "",
            entryPrice: try number("entry_price"), exitPrice: try number("exit_price"),
            quantity: try number("quantity"), fees: try number("fees"),
            profit: try number("profit"), exitTag: row["exit_tag"] ?? "")
    }
}

/// A time as milliseconds since the epoch or as `2024-01-01T00:00:00[.000]Z`.
private func time(_ text: String?, _ file: URL) throws -> Int64 {
    guard let text else { throw HarnessError(description: "\(file.path): no time column") }
    if let value = Int64(text) { return value }
    let parser = ISO8601DateFormatter()
    for options: ISO8601DateFormatter.Options in [
        [.withInternetDateTime], [.withInternetDateTime, .withFractionalSeconds],
    ] {
        parser.formatOptions = options
        if let date = parser.date(from: text.replacing(" ", with: "T")) {
            return Int64((date.timeIntervalSince1970 * 1_000).rounded())
        }
    }
    throw HarnessError(description: "\(file.path): \"\(text)\" is not a time")
}

/// Reasons of exits that the engine gives; any other tag is the strategy's.
private let engineTags: Set<String> = [
    "stop_loss", "take_profit", "trailing_stop", "max_bars", "end_of_data",
]

/// Says how two tables of trades differ, first differences first; empty if they agree.
///
/// Times and sides must be equal, numbers agree to a relative 1e-9 (profits, which are small
/// differences of large numbers: of a thousandth of the notional). The tag must be equal, except
/// that the golden tag `signal` stands for any tag of the strategy's own.
func differences(golden: [TradeRow], got: [TradeRow]) -> [String] {
    var result: [String] = []
    if golden.count != got.count {
        result.append("expected \(golden.count) trades, got \(got.count)")
    }
    for (index, (a, b)) in zip(golden, got).enumerated() {
        func check(_ name: String, _ x: Double, _ y: Double, scale: Double = 0) {
            if !(abs(x - y) <= 1e-9 * max(abs(x), abs(y), scale)) {
                result.append("trade \(index + 1), \(name): expected \(x), got \(y)")
            }
        }
        if (a.entryTime, a.exitTime, a.side) != (b.entryTime, b.exitTime, b.side) {
            result.append("trade \(index + 1): expected \(a), got \(b)")
            break
        }
        check("entry_price", a.entryPrice, b.entryPrice)
        check("exit_price", a.exitPrice, b.exitPrice)
        check("quantity", a.quantity, b.quantity)
        check("fees", a.fees, b.fees)
        check("profit", a.profit, b.profit, scale: a.quantity * a.entryPrice / 1_000)
        let isOwn = a.exitTag == "signal" && !engineTags.contains(b.exitTag)
        if a.exitTag != b.exitTag, !isOwn {
            result.append("trade \(index + 1), exit_tag: \(a.exitTag), got \(b.exitTag)")
        }
    }
    return Array(result.prefix(12))
}

public import LotCore
import LotMath

/// `result.json`: everything a run found, as one JSON object (`docs/result.md`).
///
/// The bytes depend on the result alone: no clock, no path of the machine, no hash order.
public enum ResultJSON {
    /// Name and version of the format; a change that could break a reader changes the number.
    public static let schema = "lot.result/1"

    /// How many of the last log lines are written.
    public static let logTail = 200

    /// Returns the document, UTF-8, ending with a line break.
    ///
    /// - Complexity: O(trades + days).
    public static func render(_ result: RunResult) -> [UInt8] {
        render(result, into: ByteBuffer(capacity: 65_536)).array
    }

    /// Writes the document.
    static func render(_ result: RunResult, into buffer: consuming ByteBuffer) -> ByteBuffer {
        var json = JSONWriter(into: buffer)
        document.write(result, into: &json)
        json.endLine()
        return json.finish()
    }

    /// Returns the document's JSON Schema (draft 2020-12), made from the fields that write it.
    public static func renderSchema() -> [UInt8] {
        var json = JSONWriter(capacity: 65_536)
        json.object { json in
            json.key("$schema")
            json.value("https://json-schema.org/draft/2020-12/schema")
            json.key("$id")
            json.value("urn:" + schema.split(separator: "/").joined(separator: ":"))
            json.key("title")
            json.value("Result of a run of lot")
            shape.describe(into: &json)
        }
        json.endLine()
        return json.bytes
    }

    /// What the document may hold.
    static var shape: JSONShape { document.shape }

    private static let document = JSONObject<RunResult>(
        [.text("schema", "name and version of this format", choices: [schema]) { _ in schema }]
            + RunParts.inputs(of: RunResult.self).fields + [
                metrics,
                .object("counters", "how far to trust it", counters) { $0.counters },
                .texts("warnings", "what to know before trusting the numbers") { $0.warnings },
                .list("drawdowns", "the deepest at day closes, deepest first", drawdown) {
                    $0.details.drawdowns
                },
                .object("breakdown", "by period", breakdown) { $0.details },
                .object("tags", "trades by tag, the most profitable first", tags) { $0.details },
                .list("symbols", "what came of each symbol of several", SymbolTable.json) {
                    $0.symbols
                },
                .list("trades", "closed trades, oldest first", trade) { result in
                    let moves = result.details.excursions
                    return result.trades.enumerated().lazy.map { index, trade in
                        ListedTrade(
                            trade: trade, moves: index < moves.count ? moves[index] : nil,
                            symbol: result.symbolName(trade.symbol))
                    }
                },
                .object("log", "what was printed", log) { $0.log },
            ])

    /// Metrics by key: what an `--assert` can ask for.
    private static let metrics = JSONField<RunResult>(
        "metrics", "key to value, null where undefined",
        .object(
            MetricDefinition.all.map { metric in
                JSONMember(
                    name: metric.key, meaning: metric.unit.rawValue + ": " + metric.formula,
                    shape: .nullable(.number))
            })
    ) { result, json in
        json.object { json in
            for metric in result.metrics {
                json.key(metric.key)
                json.value(metric.value)
            }
        }
    }

    private static let counters = JSONObject<RunCounters>([
        .count("ambiguous_bars", "bars with a fill that depended on the order inside the bar") {
            $0.ambiguousBars
        },
        .count("missing_bars", "bars missing in the window") { $0.missingBars },
        .count("conflicts", "bars on which rules contradicted each other") { $0.conflicts },
        .count("volume_limited_fills", "fills cut by the volume limit") { $0.volumeLimitedFills },
        .count("exposed_bars", "bars with a position at the close") { $0.exposedBars },
        .count("orders", "orders sent") { $0.orders },
        .count("fills", "fills") { $0.fills },
        .count("liquidations", "positions liquidated") { $0.liquidations },
        .count("fundings", "funding payments that a position had") { $0.fundings },
        JSONField("rejections", "reason to number of orders refused, by reason", .map(.count)) {
            counters, json in
            json.object { json in
                for (reason, count) in counters.sortedRejections {
                    json.key(reason)
                    json.value(count)
                }
            }
        },
        JSONField(
            "expirations", "reason to number of orders ended by their time in force", .map(.count)
        ) {
            counters, json in
            json.object { json in
                for (reason, count) in counters.expirations.sorted(by: { $0.key < $1.key }) {
                    json.key(reason)
                    json.value(count)
                }
            }
        },
    ])

    private static let drawdown = JSONObject<DrawdownEpisode>([
        .time("start", "peak before the fall") { $0.start },
        .time("trough", "deepest close") { $0.trough },
        .optionalTime("recovery", "first close at the peak again; null if there is none") {
            $0.recovery
        },
        .number("depth", "fraction below the peak") { $0.depth },
        .number("amount", "the same in quote currency") { $0.amount },
    ])

    private static let breakdown = JSONObject<RunDetails>(
        PeriodKind.allCases.map { kind in
            .list(kind.rawValue, "one row per \(kind.rawValue) with a close", period(kind)) {
                $0.rows(kind)
            }
        })

    private static func period(_ kind: PeriodKind) -> JSONObject<PeriodRow> {
        let start: JSONField<PeriodRow> =
            kind == .weekday
            ? .count("weekday", "1 for Monday to 7 for Sunday") { Int($0.start) }
            : .time("start", "midnight of the \(kind.rawValue)'s first day") { $0.start }
        return JSONObject([
            start, .count("days", "closes in it") { $0.days },
            .optional("return", "fraction, compounded over its days") { $0.growth },
            .optional("market_return", "the same of the price") { $0.market },
            .optional("profit", "change of the equity, quote currency") { $0.profit },
            .count("trades", "trades closed in it") { $0.trades },
            .count("wins", "of them with a profit") { $0.wins },
            .count("losses", "of them with a loss") { $0.losses },
        ])
    }

    private static let tags = JSONObject<RunDetails>([
        .list("entry", "by tag of the entry", tag) { $0.entryTags },
        .list("exit", "by tag of the exit, or how it came about", tag) { $0.exitTags },
        .list("both", "by entry and exit", tag) { $0.tagPairs },
    ])

    private static let tag = JSONObject<TagRow>([
        .optionalText("entry_tag", "tag of the entry; null in the table of exits") { $0.entry },
        .optionalText("exit_tag", "tag of the exit; null in the table of entries") { $0.exit },
        .count("trades", "closed trades") { $0.trades },
        .count("wins", "of them with a profit") { $0.wins },
        .count("losses", "of them with a loss") { $0.losses },
        .number("profit", "sum, quote currency") { $0.profit },
        .number("avg_profit_fraction", "mean profit over the entry's notional") { $0.average },
        .number("avg_duration", "mean time from entry to exit, milliseconds") { $0.duration },
    ])

    private static let trade = JSONObject<ListedTrade>([
        .text("side", "direction", choices: ["long", "short"]) {
            $0.trade.side == .buy ? "long" : "short"
        },
        .time("entry_time", "open of the bar of the first entry fill") { $0.trade.entryTime },
        .time("exit_time", "open of the bar of the last exit fill") { $0.trade.exitTime },
        .number("entry_price", "average, slippage included") { $0.trade.entryPrice },
        .number("exit_price", "average, slippage included") { $0.trade.exitPrice },
        .number("quantity", "opened and closed, base currency") { $0.trade.quantity },
        .number("fees", "of all its fills") { $0.trade.fees },
        .number("funding", "paid while it was open, below 0 if received") { $0.trade.funding },
        .number("profit", "after fees and funding") { $0.trade.profit },
        .number("profit_fraction", "profit over the entry's notional") {
            $0.trade.profitFraction
        },
        .optional("mae", "largest move against it, fraction of the entry price") {
            $0.moves?.adverse
        },
        .optional("mfe", "largest move with it, fraction of the entry price") {
            $0.moves?.favourable
        },
        .text("entry_tag", "the entry order's tag") { $0.trade.entryTag },
        .text("exit_tag", "the exit's tag, or how it came about") { $0.trade.exitTag },
        .flag("ambiguous", "whether a fill depended on the order of events inside a bar") {
            $0.trade.isAmbiguous
        },
        .text("symbol", "the symbol traded") { $0.symbol },
    ])

    private static let log = JSONObject<[LogLine]>([
        .count("lines", "lines the script and the engine wrote") { $0.count },
        .list(
            "tail", "the last \(logTail)",
            JSONObject<LogLine>([
                .optionalTime("time", "the bar's close; null before the first bar") { $0.time },
                .text("text", "one line") { $0.text },
            ])
        ) { $0.suffix(logTail) },
    ])
}

/// A trade and what stands beside it in the list.
private struct ListedTrade {
    let trade: Trade
    let moves: Excursion?
    let symbol: String
}

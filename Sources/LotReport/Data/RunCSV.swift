public import LotCore

/// The tables of a run as CSV; columns are described in `docs/result.md`.
public enum RunCSV {
    /// Returns `trades.csv`: one row per closed trade, oldest first.
    public static func trades(_ result: RunResult) -> [UInt8] {
        trades(result, into: ByteBuffer(capacity: 65_536)).array
    }

    /// Writes `trades.csv`.
    static func trades(_ result: RunResult, into buffer: consuming ByteBuffer) -> ByteBuffer {
        var csv = CSVWriter(
            into: buffer,
            header: [
                "number", "side", "entry_time", "entry_ms", "exit_time", "exit_ms", "entry_price",
                "exit_price", "quantity", "fees", "profit", "profit_fraction", "entry_tag",
                "exit_tag", "ambiguous", "funding", "mae", "mfe", "symbol",
            ])
        let moves = result.details.excursions
        for (index, trade) in result.trades.enumerated() {
            csv.number(Int64(index + 1))
            csv.word(trade.side == .buy ? "long" : "short")
            csv.time(trade.entryTime)
            csv.time(trade.exitTime)
            csv.number(trade.entryPrice)
            csv.number(trade.exitPrice)
            csv.number(trade.quantity)
            csv.number(trade.fees)
            csv.number(trade.profit)
            csv.number(trade.profitFraction)
            csv.text(trade.entryTag)
            csv.text(trade.exitTag)
            csv.number(trade.isAmbiguous ? 1 : 0)
            csv.number(trade.funding)
            csv.number(index < moves.count ? moves[index].adverse : nil)
            csv.number(index < moves.count ? moves[index].favourable : nil)
            csv.text(result.symbolName(trade.symbol))
            csv.endRow()
        }
        return csv.finish()
    }

    /// Returns `orders.csv`: one row per order, in the order of submission.
    public static func orders(_ result: RunResult) -> [UInt8] {
        orders(result, into: ByteBuffer(capacity: 65_536)).array
    }

    /// Writes `orders.csv`.
    static func orders(_ result: RunResult, into buffer: consuming ByteBuffer) -> ByteBuffer {
        var csv = CSVWriter(
            into: buffer,
            header: [
                "id", "origin", "side", "type", "size_kind", "size", "price", "stop_price",
                "created_time", "created_ms", "updated_time", "updated_ms", "status", "quantity",
                "filled_quantity", "average_price", "reason", "tag", "tif", "post_only",
                "reduce_only", "trailing_stop", "symbol",
            ])
        for order in result.orders {
            let (kind, size) = order.request.size.parts
            csv.number(Int64(order.id))
            csv.word(order.origin.rawValue)
            csv.word(order.request.side.rawValue)
            csv.word(order.request.type.rawValue)
            csv.word(kind)
            csv.number(size)
            csv.number(order.request.price)
            csv.number(order.request.stopPrice)
            csv.time(order.createdTime)
            csv.time(order.updatedTime)
            csv.word(order.status.rawValue)
            csv.number(order.quantity)
            csv.number(order.filledQuantity)
            csv.number(order.filledQuantity > 0 ? order.averagePrice : nil)
            csv.text(order.reason)
            csv.text(order.request.tag)
            csv.word(order.request.timeInForce.rawValue)
            csv.number(order.request.postOnly ? 1 : 0)
            csv.number(order.request.reduceOnly ? 1 : 0)
            csv.number(order.request.trailingStop)
            csv.text(result.symbolName(order.symbol))
            csv.endRow()
        }
        return csv.finish()
    }

    /// Returns `equity.csv`: one row per point of the equity curve.
    public static func equity(_ result: RunResult) -> [UInt8] {
        equity(result, into: ByteBuffer(capacity: 65_536)).array
    }

    /// Writes `equity.csv`.
    static func equity(_ result: RunResult, into buffer: consuming ByteBuffer) -> ByteBuffer {
        var csv = CSVWriter(
            into: buffer,
            header: [
                "time", "time_ms", "equity", "drawdown_fraction", "position", "close",
            ])
        for point in result.equity {
            csv.time(point.time)
            csv.number(point.equity)
            csv.number(point.drawdown)
            csv.number(point.position)
            csv.number(point.close)
            csv.endRow()
        }
        return csv.finish()
    }

    /// Returns `breakdown.csv`: one row per day, week, month, year and weekday of the run.
    public static func breakdown(_ result: RunResult) -> [UInt8] {
        var csv = CSVWriter(header: [
            "kind", "start", "days", "return", "market_return", "profit", "trades", "wins",
            "losses",
        ])
        for kind in PeriodKind.allCases {
            for row in result.details.rows(kind) {
                csv.word(kind.rawValue)
                switch kind {
                case .day, .week: csv.date(row.start, 10)
                case .month: csv.date(row.start, 7)
                case .year: csv.date(row.start, 4)
                case .weekday: csv.word(row.label(kind))
                }
                csv.number(Int64(row.days))
                csv.number(row.growth)
                csv.number(row.market)
                csv.number(row.profit)
                csv.number(Int64(row.trades))
                csv.number(Int64(row.wins))
                csv.number(Int64(row.losses))
                csv.endRow()
            }
        }
        return csv.bytes
    }

    /// Returns the metrics as `key,value` rows, the value empty where it is undefined: what
    /// `--format csv` prints.
    public static func metrics(_ result: RunResult) -> [UInt8] {
        var csv = CSVWriter(header: ["key", "value"])
        for metric in result.metrics {
            csv.text(metric.key)
            csv.number(metric.value)
            csv.endRow()
        }
        return csv.bytes
    }
}

extension Size {
    /// The sizing mode's name in the script, and its number.
    var parts: (kind: String, value: Double) {
        switch self {
        case .equity(let value): ("equity", value)
        case .quote(let value): ("quote", value)
        case .base(let value): ("base", value)
        case .risk(let value): ("risk", value)
        }
    }
}

extension PeriodRow {
    /// `2024-01-31` for a day or the Monday of a week, `2024-01`, `2024`, or `Monday`.
    func label(_ kind: PeriodKind) -> String {
        let names = [
            "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
        ]
        return switch kind {
        case .day, .week: CivilTime.dateText(start)
        case .month: String(CivilTime.dateText(start).prefix(7))
        case .year: String(CivilTime.dateText(start).prefix(4))
        case .weekday: names[Int(start - 1) % 7]
        }
    }
}

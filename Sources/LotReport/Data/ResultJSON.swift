public import LotCore

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
    /// - Complexity: O(trades).
    public static func render(_ result: RunResult) -> [UInt8] {
        var json = JSONWriter(capacity: 4_096 + result.trades.count * 320)
        json.object { json in
            json.key("schema")
            json.value(schema)
            json.key("engine_version")
            json.value(result.engineVersion)
            RunParts.strategy(result.strategy, into: &json)
            RunParts.data(result.data, into: &json)
            RunParts.instrument(result.instrument, into: &json)
            RunParts.settings(result.settings, into: &json)
            metrics(result, into: &json)
            counters(result.counters, into: &json)
            json.key("warnings")
            json.array { json in
                for warning in result.warnings { json.value(warning) }
            }
            json.key("trades")
            json.array { json in
                for trade in result.trades { write(trade, into: &json) }
            }
            log(result.log, into: &json)
        }
        json.endLine()
        return json.bytes
    }

    private static func metrics(_ result: RunResult, into json: inout JSONWriter) {
        json.key("metrics")
        json.object { json in
            for metric in result.metrics {
                json.key(metric.key)
                json.value(metric.value)
            }
        }
    }

    private static func counters(_ counters: RunCounters, into json: inout JSONWriter) {
        json.key("counters")
        json.object { json in
            json.key("ambiguous_bars")
            json.value(counters.ambiguousBars)
            json.key("missing_bars")
            json.value(counters.missingBars)
            json.key("conflicts")
            json.value(counters.conflicts)
            json.key("volume_limited_fills")
            json.value(counters.volumeLimitedFills)
            json.key("exposed_bars")
            json.value(counters.exposedBars)
            json.key("orders")
            json.value(counters.orders)
            json.key("fills")
            json.value(counters.fills)
            json.key("rejections")
            json.object { json in
                for (reason, count) in counters.sortedRejections {
                    json.key(reason)
                    json.value(count)
                }
            }
        }
    }

    private static func write(_ trade: Trade, into json: inout JSONWriter) {
        json.object(inline: true) { json in
            json.key("side")
            json.value(trade.side == .buy ? "long" : "short")
            json.key("entry_time")
            json.value(trade.entryTime)
            json.key("exit_time")
            json.value(trade.exitTime)
            json.key("entry_price")
            json.value(trade.entryPrice)
            json.key("exit_price")
            json.value(trade.exitPrice)
            json.key("quantity")
            json.value(trade.quantity)
            json.key("fees")
            json.value(trade.fees)
            json.key("profit")
            json.value(trade.profit)
            json.key("profit_fraction")
            json.value(trade.profitFraction)
            json.key("entry_tag")
            json.value(trade.entryTag)
            json.key("exit_tag")
            json.value(trade.exitTag)
            json.key("ambiguous")
            json.value(trade.isAmbiguous)
        }
    }

    private static func log(_ lines: [LogLine], into json: inout JSONWriter) {
        json.key("log")
        json.object { json in
            json.key("lines")
            json.value(lines.count)
            json.key("tail")
            json.array { json in
                for line in lines.suffix(logTail) {
                    json.object(inline: true) { json in
                        json.key("time")
                        json.value(line.time)
                        json.key("text")
                        json.value(line.text)
                    }
                }
            }
        }
    }
}

import LotCore

/// Metrics of the time that was tested.
///
/// `exposure_time = bars with a position at their close / bars of the window`, null without bars.
/// - SeeAlso: backtesting.py, "Exposure Time [%]", which also counts the bar of the exit.
enum WindowMetrics {
    static let definitions = [
        MetricDefinition("start_time", "Start", .time, "open time of the window's first bar"),
        MetricDefinition("end_time", "End", .time, "close time of the window's last bar"),
        MetricDefinition(
            "duration", "Duration", .duration,
            "end_time - start_time, less the time between the stretches of a run out of sample"),
        MetricDefinition(
            "exposure_time", "Exposure time", .fraction,
            "bars with a position at their close / bars of the window",
            undefinedWhen: "no bar", source: "backtesting.py"),
        MetricDefinition(
            "trades_per_day", "Trades per day", .ratio, "N / (duration in days)",
            undefinedWhen: "no bar", source: "freqtrade"),
    ]

    static func put(_ input: MetricInput, _ trades: TradeSums, into sink: inout MetricSink) {
        sink.put(Double(input.startTime))
        sink.put(Double(input.endTime))
        sink.put(Double(input.duration))
        sink.put(quotient(Double(input.counters.exposedBars), Double(input.windowBars)))
        sink.put(quotient(Double(trades.count), input.days))
    }
}

import LotCore

/// Metrics of the time that was tested.
///
/// `exposure_time = bars with a position at their close / bars of the window`, null without bars.
/// - SeeAlso: backtesting.py, "Exposure Time [%]", which also counts the bar of the exit.
enum WindowMetrics {
    static let definitions = [
        MetricDefinition("start_time", "Start", .time, "open time of the window's first bar"),
        MetricDefinition("end_time", "End", .time, "close time of the window's last bar"),
        MetricDefinition("duration", "Duration", .duration, "end_time - start_time"),
        MetricDefinition(
            "exposure_time", "Exposure time", .fraction,
            "bars with a position at their close / bars of the window",
            undefinedWhen: "no bar", source: "backtesting.py"),
    ]

    static func values(_ input: MetricInput) -> [Double?] {
        [
            Double(input.startTime), Double(input.endTime),
            Double(input.endTime - input.startTime),
            quotient(Double(input.counters.exposedBars), Double(input.windowBars)),
        ]
    }
}

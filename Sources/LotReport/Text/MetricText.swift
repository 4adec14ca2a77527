import LotCore
import LotMath

/// A metric in words, for tables that show some metrics of several runs.
public enum MetricText {
    /// The label of a metric: `Max drawdown`.
    public static func label(_ key: String) -> String { MetricPresentation.of(key).label }

    /// Whether 0 separates good values of a metric from bad ones: of a return, not of a drawdown.
    public static func isGain(_ key: String) -> Bool { MetricPresentation.of(key).isGain }

    /// The value with its unit, `–` where it is undefined.
    ///
    /// - Parameters:
    ///   - key: The metric.
    ///   - value: Its value.
    ///   - currency: The quote currency, for amounts.
    /// - Returns: Text of one line.
    public static func text(_ key: String, _ value: Double?, currency: String) -> String {
        MetricPresentation.of(key).text(value, currency: currency)
    }
}

public import LotCore

/// What a run says besides its trades: printed lines and plotted values.
///
/// Both are bounded: at most ``maxLogLines`` lines are kept, and a plotted line keeps the last
/// value of each of about ``plotBuckets`` stretches of the window. Not thread-safe.
public final class RunNotes {
    /// Lines kept; the count of those dropped is reported.
    public static let maxLogLines = 10_000
    /// Lines that a script may plot value by value.
    public static let maxPlots = 256
    /// Stretches of the window that a plotted line is thinned to.
    public static let plotBuckets = 2_000

    /// Lines in the order they were written.
    public var log: [LogLine] { parent?.log ?? lines }
    /// Number of lines not kept.
    public private(set) var droppedLines = 0
    /// Plotted lines in the order of their first value.
    public private(set) var plots: [PlotLine] = []
    private var lines: [LogLine] = []
    /// Where the lines of one symbol of several go.
    private let parent: RunNotes?
    private let symbol: String
    private let firstRow: Int
    private let rowsPerBucket: Int
    private var bucketOfPlot: [Int] = []
    private var plotIndexes: [String: Int] = [:]

    /// Notes of a run whose window is `rows`.
    public init(rows: Range<Int>) {
        parent = nil
        symbol = ""
        firstRow = rows.lowerBound
        rowsPerBucket = RunNotes.rowsPerBucket(rows)
    }

    /// Notes of one symbol of several, whose window is `rows`: its printed lines go to `parent`
    /// under its name, its plots are its own.
    init(_ parent: RunNotes, symbol: String, rows: Range<Int>) {
        self.parent = parent
        self.symbol = symbol
        firstRow = rows.lowerBound
        rowsPerBucket = RunNotes.rowsPerBucket(rows)
    }

    /// Rows of one of the stretches that `rows` are cut into for plotted lines.
    private static func rowsPerBucket(_ rows: Range<Int>) -> Int {
        max(1, (rows.count + plotBuckets - 1) / plotBuckets)
    }

    /// Adds a line; control characters are shown escaped, and 2,000 bytes are kept of it.
    public func print(_ text: String, time: Int64?) {
        if let parent { return parent.print(symbol + ": " + text, time: time) }
        guard lines.count < RunNotes.maxLogLines else {
            droppedLines += 1
            return
        }
        lines.append(LogLine(time: time, text: escaped(text, limit: 2_000)))
    }

    /// The last of `rows` in each stretch of the window: the values that a plotted line keeps.
    func lastRows(_ rows: Range<Int>) -> [Int] {
        var result: [Int] = []
        var row = rows.lowerBound
        while row < rows.upperBound {
            let end = firstRow + ((row - firstRow) / rowsPerBucket + 1) * rowsPerBucket
            row = min(end, rows.upperBound)
            result.append(row - 1)
        }
        return result
    }

    /// Whether a value for `name` begins a line beyond ``maxPlots``.
    public func isOnePlotTooMany(_ name: String) -> Bool {
        plots.count >= RunNotes.maxPlots && plotIndexes[name] == nil
    }

    /// Adds a value to the line called `name`; returns the line's number.
    @discardableResult
    public func plot(_ name: String, _ value: Double, row: Int, time: Int64) -> Int {
        if let line = plotIndexes[name] {
            plot(line: line, value, row: row, time: time)
            return line
        }
        plotIndexes[name] = plots.count
        plots.append(PlotLine(name: name, times: [time], values: [value]))
        bucketOfPlot.append((row - firstRow) / rowsPerBucket)
        return plots.count - 1
    }

    /// Adds a value to a line that has one already.
    public func plot(line: Int, _ value: Double, row: Int, time: Int64) {
        let bucket = (row - firstRow) / rowsPerBucket
        if bucketOfPlot[line] == bucket {
            let last = plots[line].values.count - 1
            plots[line].times[last] = time
            plots[line].values[last] = value
        } else {
            bucketOfPlot[line] = bucket
            plots[line].times.append(time)
            plots[line].values.append(value)
        }
    }
}

public import LotCore

/// How far back a script may index a series: `series[0]` to `series[4999]`.
public let seriesHistory = 5_000

/// Runs a ``SeriesProgram`` over bars, tile after tile, oldest first.
///
/// The main bars lead: at each of their closes the other sources have come as far as their newest
/// bar that has closed by then, and no further. Numbers of the newest tile and the
/// ``seriesHistory`` rows before it can be read; conditions of the newest tile only. Stored columns
/// are read where they are mapped, without a copy.
///
/// Memory: 72 KiB a computed number, 512 B a condition, whatever the number of bars; 8 B a bar
/// more where a program reads volumes that were not stored (they are NaN). A number of a source
/// that has more bars than a tile in one main bar, or in a hole of the main bars, takes 8 B for
/// each of those.
/// Not thread-safe; each run has its own.
@safe
public final class SeriesEvaluator {
    /// The graph that is evaluated.
    public let program: SeriesProgram
    /// Main rows evaluated so far.
    public var rows: Int { main.rows }
    /// First row of the newest tile.
    public var tileStart: Int { main.tileStart }

    private let main: SourceEvaluator
    private let others: [AlignedSource]
    private let failure: FunctionFailure
    /// Rows before the newest tile that can be read.
    private let history: Int
    /// Most rows of a tile.
    private let tileRows: Int

    /// Prepares the evaluation of `program` over `bars` from row 0.
    ///
    /// - Parameters:
    ///   - program: The graph to evaluate.
    ///   - bars: The main bars.
    ///   - sources: The bars of every other source of the program.
    ///   - history: Rows before the newest tile that will be read: none for conditions alone, which
    ///     then need 8 B a row of a tile for each computed number and stay in the cache.
    ///   - tileRows: Most rows that will be evaluated at once, 1...``tileCapacity``.
    public init(
        _ program: SeriesProgram, bars: Bars, _ sources: SourceBars = SourceBars(),
        history: Int = seriesHistory, tileRows: Int = tileCapacity
    ) {
        precondition((1...tileCapacity).contains(tileRows))
        self.tileRows = tileRows
        self.program = program
        self.history = history
        let failure = FunctionFailure()
        self.failure = failure
        // One row before the newest ones is what the first main row of a tile may still see.
        others = AlignedSource.all(
            of: program, main: bars, sources, history: max(1, history), failure)
        main = SourceEvaluator(
            program, mainSource, bars: bars, history: history, tileRows: tileRows, others: others,
            failure)
    }

    /// Evaluates the next main rows.
    ///
    /// - Parameter count: At most so many, 1...``tileCapacity``. Fewer at the end of the bars, and
    ///   where the bars of a finer source would not fit in a tile: ``rows`` says how many it were.
    /// - Complexity: O(count · nodes), and O(bars that close · nodes) for each other source.
    public func advance(_ count: Int = tileCapacity) {
        precondition((1...tileCapacity).contains(count))
        let first = rows
        var length = min(count, tileRows, main.bars.count - first)
        guard length > 0 else { return }
        for other in others { length = min(length, other.clock.advance(length)) }
        for other in others { other.follow(first..<first + length) }
        main.advance(to: first + length)
    }

    /// ``advance(_:)`` for programs with functions of a script.
    ///
    /// - Throws: What a function did wrong, the first of several; its values are NaN from there on.
    public func advanceChecked(_ count: Int = tileCapacity) throws(Diagnosis) {
        advance(count)
        if let diagnosis = failure.diagnosis { throw diagnosis }
    }

    /// Returns the address at which `base[row]` is the node's value at row `row` of its source.
    ///
    /// - Parameter node: A number, not a condition.
    /// - Returns: An address for rows from ``seriesHistory`` before the newest tile (of another
    ///   source, before its newest closed bar at the row before the tile) up to the newest, valid
    ///   until the next ``advance(_:)``.
    @unsafe
    public func base(_ node: NodeID) -> UnsafePointer<Double> { unsafe home(node).base(node) }

    /// The node's value at main row `row`, which must lie in the newest tile or, for nodes over the
    /// main bars, the history before it; of another source that of its newest closed bar.
    public func value(_ node: NodeID, at row: Int) -> Double {
        precondition(row >= 0 && row < rows && row >= tileStart - history)
        guard let own = ownRow(node, row) else { return .nan }
        return unsafe base(node)[own]
    }

    /// The condition at main row `row`, which must lie in the newest tile; of another source that
    /// at its newest closed bar.
    @inline(__always)
    public func flag(_ node: NodeID, at row: Int) -> Bool {
        precondition(row >= tileStart && row < rows)
        guard let own = ownRow(node, row) else { return false }
        return home(node).flag(node, at: own)
    }

    /// Returns the bits of a condition over the main bars for the newest tile.
    ///
    /// Row `tileStart + i` is bit `i % 64` of word `i / 64`; bits beyond the tile's rows are
    /// unspecified.
    public func words(_ node: NodeID) -> [UInt64] {
        unsafe Array(
            UnsafeBufferPointer(
                start: conditions.words(of: node), count: (rows - tileStart + 63) / 64))
    }

    /// The conditions over the main bars in the newest tile, valid until the next
    /// ``advance(_:)`` and while the evaluator lives.
    public var conditions: ConditionTile { main.conditions }

    /// Finds the newest row of a source that had closed at the close of main row `row`.
    ///
    /// - Parameters:
    ///   - source: Any source; of the main one it is the row itself.
    ///   - row: A row of the newest tile, or the one before it.
    /// - Returns: A row of the source; `nil` before its first.
    public func newestRow(of source: SourceID, at row: Int) -> Int? {
        guard source != mainSource else { return row }
        let closed = others[Int(source) - 1].clock.closed(at: row)
        return closed > 0 ? closed - 1 : nil
    }

    /// Returns the address at which `rows[row]` is the newest closed row of another source at main
    /// row `row`, -1 before the first: for the newest tile and the row before it, until the next
    /// ``advance(_:)``.
    @unsafe
    public func newestRows(of source: SourceID) -> UnsafePointer<Int64> {
        unsafe others[Int(source) - 1].clock.rows
    }

    /// The bars of a source.
    public func bars(of source: SourceID) -> Bars {
        source == mainSource ? main.bars : others[Int(source) - 1].evaluator.bars
    }

    @inline(__always)
    private func home(_ node: NodeID) -> SourceEvaluator {
        let source = program.nodes[Int(node)].source
        return source == mainSource ? main : others[Int(source) - 1].evaluator
    }

    @inline(__always)
    private func ownRow(_ node: NodeID, _ row: Int) -> Int? {
        newestRow(of: program.nodes[Int(node)].source, at: row)
    }
}

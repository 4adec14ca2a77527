public import LotCore

/// The bars of the series that a program reads besides the run's own, by address.
///
/// More than a program names may be there: the instances of a portfolio share one value.
public struct SourceBars: Sendable {
    /// The bars by the address that programs name them with.
    public private(set) var byAddress: [SeriesAddress: Bars]

    /// Gathers bars; each as long as its address says.
    public init(_ byAddress: [SeriesAddress: Bars] = [:]) {
        precondition(
            byAddress.allSatisfy { $0.interval == $1.interval }, "bars of another interval")
        self.byAddress = byAddress
    }

    /// The bars of a source that is not the main one.
    ///
    /// They must be there: whoever builds the run has looked for all that the program names.
    func bars(of source: SourceID, in program: SeriesProgram) -> Bars {
        let address = program.sources[Int(source) - 1]
        guard let bars = byAddress[address] else { preconditionFailure("no bars of \(address)") }
        return bars
    }

    /// What of them had closed at `time`, as if nothing else had been stored.
    ///
    /// - Parameter time: Milliseconds since the epoch.
    /// - Returns: The bars, sharing their memory.
    /// - Complexity: O(sources · log rows).
    public func closed(by time: Int64) -> SourceBars {
        SourceBars(
            byAddress.mapValues { bars in
                bars.slice(
                    0..<bars.firstIndex(atOrAfter: time - bars.interval.milliseconds + 1))
            })
    }

    /// What of them opened at `time` or later, as if nothing else had been stored.
    ///
    /// - Parameter time: Milliseconds since the epoch.
    /// - Returns: The bars, sharing their memory.
    /// - Complexity: O(sources · log rows).
    public func opened(since time: Int64) -> SourceBars {
        SourceBars(
            byAddress.mapValues { $0.slice($0.firstIndex(atOrAfter: time)..<$0.count) })
    }
}

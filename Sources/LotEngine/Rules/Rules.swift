public import LotCore
public import LotMath

/// A strategy written as conditions over whole series.
public struct Rules: Sendable {
    /// Enters long while flat.
    public var enterLong: NodeID?
    /// Leaves a long position.
    public var exitLong: NodeID?
    /// Enters short while flat; not on spot.
    public var enterShort: NodeID?
    /// Leaves a short position.
    public var exitShort: NodeID?
    /// Exits that become active with each entry.
    public var bracket: Bracket
    /// Size of each entry.
    public var size: Size
    /// Series to draw: name and node, a number.
    public var plots: [(name: String, node: NodeID)]

    /// Rules that do nothing until conditions are set.
    public init(
        enterLong: NodeID? = nil, exitLong: NodeID? = nil, enterShort: NodeID? = nil,
        exitShort: NodeID? = nil, bracket: Bracket = Bracket(), size: Size = .equity(1),
        plots: [(name: String, node: NodeID)] = []
    ) {
        self.enterLong = enterLong
        self.exitLong = exitLong
        self.enterShort = enterShort
        self.exitShort = exitShort
        self.bracket = bracket
        self.size = size
        self.plots = plots
    }

    /// The conditions in the order of the bits of ``RuleBits``.
    var conditions: [NodeID?] { [enterLong, exitLong, enterShort, exitShort] }
}

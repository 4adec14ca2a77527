/// Who does numbered pieces of work, each a pure function of its number: in turn, or on threads.
///
/// Statistics that take long are written as such pieces, and put together in the order of their
/// numbers: whoever does them, the bytes of the result are the same.
public protocol PieceRunner: Sendable {
    /// Does the pieces `0..<count` and returns what came of them, in that order.
    func pieces<Piece: Sendable>(
        _ count: Int, _ work: @escaping @Sendable (Int) -> Piece
    ) -> [Piece]
}

/// Does one piece after the other, on the calling thread.
public struct SerialRunner: PieceRunner {
    /// A runner of one thread.
    public init() {}

    /// Does the pieces `0..<count` from the first to the last.
    public func pieces<Piece: Sendable>(
        _ count: Int, _ work: @escaping @Sendable (Int) -> Piece
    ) -> [Piece] {
        (0..<count).map(work)
    }
}

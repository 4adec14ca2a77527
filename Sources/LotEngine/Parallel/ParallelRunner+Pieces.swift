public import LotMath

extension ParallelRunner: PieceRunner {
    /// Does the pieces on this runner's threads; nothing cancels them.
    public func pieces<Piece: Sendable>(
        _ count: Int, _ work: @escaping @Sendable (Int) -> Piece
    ) -> [Piece] {
        run(count: count, work).compactMap(\.self)
    }
}

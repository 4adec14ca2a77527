/// What the rest of an account adds to one position's own cash, where several positions share it.
///
/// A portfolio, or the long and the short leg of a hedged symbol, is several exchanges over one
/// account: each books its own cash flow, and before it is used it is told what the others hold.
/// All zero for an account of one position.
struct RestOfAccount: Sendable {
    /// Cash of the others that is not set aside, in quote currency; below 0 where they owe.
    var freeCash = 0.0
    /// Cash of the others plus their positions at the newest mark, in quote currency.
    var equity = 0.0

    /// Whether there is no other position.
    var isEmpty: Bool { freeCash == 0 && equity == 0 }
}

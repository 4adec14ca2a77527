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
    /// Maintenance margin of the others at the newest mark, in quote currency.
    var maintenance = 0.0
    /// Inside a bar: what the others would be short of that with every mark at its worst in the
    /// bar, 0 or more; the other leg of the same symbol aside.
    var drop = 0.0
    /// The other leg of the same symbol, in hedge mode: signed position, and its mark in `equity`.
    ///
    /// Its maintenance margin is not in ``maintenance``.
    var counterPosition = 0.0
    var counterMark = 0.0
    /// Inside a bar: where that leg has been liquidated in it, without slippage; else not a number.
    var counterFall = Double.nan
    /// Whether another position may be opened beside those that the others hold.
    var mayOpen = true
    /// Whether there are others.
    var isShared = false
}

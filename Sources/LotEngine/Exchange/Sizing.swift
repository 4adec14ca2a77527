import LotCore

/// What sizing needs to know of the account at the moment an order is sized.
struct SizingBasis: Sendable {
    /// Equity at the reference price.
    var equity: Double
    /// Cash not reserved.
    var freeCash: Double
    /// Quantity held on the other side of the order: what it can close.
    var closable: Double
    /// Price after slippage, or the limit price.
    var price: Double
    /// Taker fee as a fraction of notional.
    var takerFee: Double
    /// Whether an order may go beyond what it closes.
    var canOpen: Bool
    /// What opening takes of the cash per unit of notional: 1 on spot, 1 / leverage on perpetuals.
    var marginRate = 1.0
}

/// Turns a ``Size`` into a quantity (`docs/execution.md`, rule 9), rounded down to the lot.
///
/// - Returns: A quantity greater than 0 that respects the instrument's minimums, or why not.
@inline(__always)
func resolveQuantity(
    _ request: OrderTerms, _ basis: SizingBasis, _ instrument: borrowing Instrument
) -> Result<Double, Rejection> {
    var wanted: Double
    let perUnit = basis.price * (basis.marginRate + basis.takerFee)
    switch request.size {
    case .equity(let fraction):
        wanted = quantity(for: fraction * basis.equity, perUnit, basis, instrument)
    case .quote(let amount):
        wanted = quantity(for: amount, perUnit, basis, instrument)
    case .risk(let fraction):
        guard let stop = request.bracket.stopLoss else { return .failure(.riskWithoutStop) }
        let stopPrice = basis.price * (1 - request.side.sign * stop)
        let lossPerUnit =
            abs(basis.price - stopPrice) + basis.takerFee * (basis.price + stopPrice)
        wanted = min(
            fraction * basis.equity / lossPerUnit, max(basis.freeCash / perUnit, basis.closable))
    case .base(let quantity):
        wanted = quantity
        if basis.canOpen {
            let opening = max(0, quantity - basis.closable)
            if opening > 0, opening * perUnit > basis.freeCash * (1 + 1e-12) {
                return .failure(.insufficientCash)
            }
        } else if quantity > basis.closable * (1 + 1e-12) {
            return .failure(.insufficientPosition)
        }
    }
    guard wanted.isFinite else { return .failure(.invalidSize) }
    if !basis.canOpen { wanted = min(wanted, basis.closable) }
    return checkMinimums(instrument.floorToLot(max(0, wanted)), basis, instrument)
}

/// What an amount of money buys or sells: as far as the free cash goes, but what closes a position
/// needs none, however little there is.
@inline(__always)
private func quantity(
    for amount: Double, _ perUnit: Double, _ basis: SizingBasis,
    _ instrument: borrowing Instrument
) -> Double {
    guard basis.canOpen else {
        // On perpetuals money is what is put up, in whatever way a position is closed.
        return amount / (instrument.market == .perp ? perUnit : basis.price)
    }
    let affordable = min(amount, basis.freeCash) / perUnit
    guard basis.closable > 0 else { return affordable }
    return max(affordable, min(amount / perUnit, basis.closable))
}

/// Returns `quantity` if it is an order the exchange would take at the basis' price.
@inline(__always)
func checkMinimums(
    _ quantity: Double, _ basis: SizingBasis, _ instrument: borrowing Instrument
) -> Result<Double, Rejection> {
    guard quantity > 0 else {
        let isBroke = basis.canOpen && basis.freeCash <= 0
        return .failure(isBroke ? .insufficientCash : .zeroQuantity)
    }
    if instrument.market == .perp, quantity <= basis.closable { return .success(quantity) }
    if let least = instrument.minQuantity, quantity < least * (1 - 1e-12) {
        return .failure(.belowMinQuantity)
    }
    if let least = instrument.minNotional, quantity * basis.price < least * (1 - 1e-12) {
        return .failure(.belowMinNotional)
    }
    return .success(quantity)
}

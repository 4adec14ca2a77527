/// Why an order was refused, as it stands in the order log.
enum Rejection: UInt8, Error, Sendable, CaseIterable {
    case invalidPrice
    case invalidSize
    case insufficientCash
    case insufficientPosition
    case noPosition
    case belowMinQuantity
    case belowMinNotional
    case zeroQuantity
    case riskWithoutStop
    case maxOpenPositions
    case aboveMaxNotional

    /// The word of the order log and of the counts in a result.
    var text: String {
        switch self {
        case .invalidPrice: "invalid_price"
        case .invalidSize: "invalid_size"
        case .insufficientCash: "insufficient_cash"
        case .insufficientPosition: "insufficient_position"
        case .noPosition: "no_position"
        case .belowMinQuantity: "below_min_quantity"
        case .belowMinNotional: "below_min_notional"
        case .zeroQuantity: "zero_quantity"
        case .riskWithoutStop: "risk_without_stop_loss"
        case .maxOpenPositions: "max_open_positions"
        case .aboveMaxNotional: "above_max_notional"
        }
    }
}

/// Why an order ended without being filled whole, or was made smaller.
enum OrderReason: Sendable, Equatable {
    case none
    case rejected(Rejection)
    case cancelled
    case exit
    case nothingToClose
    case positionClosed
    case cutToPosition
    case remainderCut
    case volumeLimit
    case endOfData
    case liquidation

    /// The words of the order log.
    var text: String {
        switch self {
        case .none: ""
        case .rejected(let rejection): rejection.text
        case .cancelled: "cancelled"
        case .exit: "exit"
        case .nothingToClose: "nothing to close"
        case .positionClosed: "position closed"
        case .cutToPosition: "cut to the position"
        case .remainderCut: "remainder cut: cash"
        case .volumeLimit: "volume limit"
        case .endOfData: "end_of_data"
        case .liquidation: "liquidation"
        }
    }
}

/// How many orders were refused, by reason.
struct RejectionCounts: Sendable {
    private var counts = [Int](repeating: 0, count: Rejection.allCases.count)

    /// Counts one refusal.
    mutating func add(_ rejection: Rejection) { counts[Int(rejection.rawValue)] += 1 }

    /// The counts that are not zero, by the reason's word.
    var byReason: [String: Int] {
        var named: [String: Int] = [:]
        for rejection in Rejection.allCases where counts[Int(rejection.rawValue)] > 0 {
            named[rejection.text] = counts[Int(rejection.rawValue)]
        }
        return named
    }
}

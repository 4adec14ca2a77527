import LotCore

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
    case wouldCross
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
        case .wouldCross: "post_only_would_cross"
        case .maxOpenPositions: "max_open_positions"
        case .aboveMaxNotional: "above_max_notional"
        }
    }
}

/// Why an order was ended by its time in force.
enum Expiry: UInt8, Sendable, CaseIterable {
    case immediateOrCancel
    case fillOrKill

    /// The word of the order log and of the counts in a result.
    var text: String {
        switch self {
        case .immediateOrCancel: "ioc_unfilled"
        case .fillOrKill: "fok_unfilled"
        }
    }
}

/// Why an order ended without being filled whole, or was made smaller.
enum OrderReason: Sendable, Equatable {
    case none
    case rejected(Rejection)
    case expired(Expiry)
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
        case .expired(let expiry): expiry.text
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

/// How many orders were refused or have expired, by reason.
struct ReasonCounts: Sendable {
    private var rejected = [Int](repeating: 0, count: Rejection.allCases.count)
    private var expired = [Int](repeating: 0, count: Expiry.allCases.count)

    /// Counts one refusal.
    mutating func add(_ rejection: Rejection) { rejected[Int(rejection.rawValue)] += 1 }

    /// Counts one order that its time in force ended.
    mutating func add(_ expiry: Expiry) { expired[Int(expiry.rawValue)] += 1 }

    /// Puts the counts that are not zero into those of a run, by the reason's word.
    func write(to counters: inout RunCounters) {
        for reason in Rejection.allCases where rejected[Int(reason.rawValue)] > 0 {
            counters.rejections[reason.text] = rejected[Int(reason.rawValue)]
        }
        for reason in Expiry.allCases where expired[Int(reason.rawValue)] > 0 {
            counters.expirations[reason.text] = expired[Int(reason.rawValue)]
        }
    }
}

import Glibc

/// A node of an expression.
indirect enum ExpressionNode: Sendable {
    case number(Double)
    case name(Int)
    case negate(ExpressionNode)
    case not(ExpressionNode)
    case call(ExpressionFunction, ExpressionNode)
    case binary(ExpressionOperator, ExpressionNode, ExpressionNode)

    /// Whether the result is 1 or 0.
    var isCondition: Bool {
        switch self {
        case .not: true
        case .binary(let operation, _, _): operation.isCondition
        default: false
        }
    }

    func value(_ values: [Double]) -> Double {
        switch self {
        case .number(let number): return number
        case .name(let index): return values[index]
        case .negate(let inner): return -inner.value(values)
        case .not(let inner):
            let held = inner.value(values)
            return held.isNaN ? .nan : held == 0 ? 1 : 0
        case .call(let function, let inner): return function.value(inner.value(values))
        case .binary(let operation, let left, let right):
            let (a, b) = (left.value(values), right.value(values))
            guard !a.isNaN, !b.isNaN else { return .nan }
            return operation.value(a, b)
        }
    }

    func violation(_ values: [Double]) -> Double {
        switch self {
        case .binary(.and, let left, let right):
            return left.violation(values) + right.violation(values)
        case .binary(.or, let left, let right):
            return min(left.violation(values), right.violation(values))
        case .binary(let operation, let left, let right) where operation.isCondition:
            let (a, b) = (left.value(values), right.value(values))
            guard !a.isNaN, !b.isNaN else { return 1 }
            return operation.value(a, b) == 1 ? 0 : operation.distance(a, b)
        default:
            let held = value(values)
            return held.isNaN || held == 0 ? 1 : 0
        }
    }
}

extension ExpressionOperator {
    func value(_ a: Double, _ b: Double) -> Double {
        switch self {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .divide: a / b
        case .power: pow(a, b)
        case .less: a < b ? 1 : 0
        case .lessOrEqual: a <= b ? 1 : 0
        case .greater: a > b ? 1 : 0
        case .greaterOrEqual: a >= b ? 1 : 0
        case .equal: a == b ? 1 : 0
        case .unequal: a != b ? 1 : 0
        case .and: a != 0 && b != 0 ? 1 : 0
        case .or: a != 0 || b != 0 ? 1 : 0
        case .minimum: min(a, b)
        case .maximum: max(a, b)
        }
    }

    /// How far two numbers are from meeting a comparison that they do not meet.
    func distance(_ a: Double, _ b: Double) -> Double {
        guard self != .unequal, (a - b).isFinite else { return 1 }
        // A strict comparison of equal numbers is missed by something.
        return max(abs(a - b), 1e-9) / max(1e-9, abs(b) > 0 ? abs(b) : 1)
    }
}

extension ExpressionFunction {
    func value(_ x: Double) -> Double {
        switch self {
        case .abs: Swift.abs(x)
        case .sqrt: x < 0 ? .nan : x.squareRoot()
        case .log: x > 0 ? Glibc.log(x) : .nan
        case .exp: Glibc.exp(x)
        }
    }
}

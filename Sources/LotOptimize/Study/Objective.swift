import LotMath

/// One thing to make large or small.
public struct Target: Sendable {
    /// A metric, or arithmetic over metrics.
    public let expression: Expression
    /// Whether larger is better.
    public let isMaximised: Bool

    /// Takes a target.
    public init(_ expression: Expression, isMaximised: Bool) {
        self.expression = expression
        self.isMaximised = isMaximised
    }
}

/// What a study looks for: targets, what must hold, and how few trades are too few.
public struct Objective: Sendable {
    /// At least one; the first decides the order of lists.
    public let targets: [Target]
    /// Comparisons of metrics that must hold.
    public let constraints: [Expression]
    /// Fewest closed trades of a result that is believed.
    public let minTrades: Int

    private static let tradesIndex = MetricDefinition.searchIndex(of: "trades") ?? 0

    /// Gathers an objective.
    public init(targets: [Target], constraints: [Expression] = [], minTrades: Int = 0) {
        precondition(!targets.isEmpty, "an objective needs a target")
        self.targets = targets
        self.constraints = constraints
        self.minTrades = minTrades
    }

    /// The same for a share of the data: it takes fewer trades to be believed.
    func scaled(to share: Double) -> Objective {
        guard share < 1 else { return self }
        return Objective(
            targets: targets, constraints: constraints, minTrades: Int(Double(minTrades) * share))
    }

    /// Whether a result must meet anything besides having a value of every target.
    public var isConstrained: Bool { !constraints.isEmpty || minTrades > 0 }

    /// Numbers of the metrics it reads, in ``MetricDefinition/search``.
    public var metrics: [Int] {
        var indices = targets.flatMap(\.expression.names) + constraints.flatMap(\.names)
        if minTrades > 0 { indices.append(Objective.tradesIndex) }
        return Array(Set(indices)).sorted()
    }

    /// The value of each target.
    public func values(_ metrics: [Double]) -> [Double] {
        targets.map { $0.expression.value(metrics) }
    }

    /// By how much constraints are missed, added up; 0 if all hold.
    ///
    /// One whose metric is undefined is missed.
    public func violation(_ metrics: [Double]) -> Double {
        var sum = 0.0
        for constraint in constraints { sum += constraint.violation(metrics) }
        let trades = metrics[Objective.tradesIndex]
        if trades < Double(minTrades) {
            sum += (Double(minTrades) - trades) / Double(minTrades)
        }
        return sum
    }

    /// Values as losses: smaller is better.
    public func losses(_ values: [Double]) -> [Double] {
        zip(targets, values).map { $0.isMaximised ? -$1 : $1 }
    }

    /// Makes a trial of what a run found.
    public func trial(
        _ number: Int, _ point: Point, _ outcome: TrialOutcome, _ kept: KeptMetrics
    ) -> Trial {
        let undefined = [Double](repeating: .nan, count: targets.count)
        switch outcome {
        case .ran(let finding):
            let values = values(finding.metrics)
            let violation = violation(finding.metrics)
            let isFeasible = violation == 0 && values.allSatisfy(\.isFinite)
            return Trial(
                number: number, point: point, status: isFeasible ? .feasible : .infeasible,
                values: values, violation: violation, metrics: kept.pick(finding.metrics),
                blocks: finding.blocks)
        case .refused(let reason):
            return Trial(
                number: number, point: point, status: .refused, values: undefined, violation: 1,
                message: reason)
        case .failed(let reason):
            return Trial(
                number: number, point: point, status: .failed, values: undefined, violation: 1,
                message: reason)
        }
    }

    /// What a sampler is told of a trial.
    public func observation(_ trial: Trial) -> Observation {
        Observation(
            number: trial.number, point: trial.point, losses: losses(trial.values),
            violation: trial.violation)
    }

    /// Whether a trial is better than another: feasible before infeasible, by the first target,
    /// then by number, so that no two are equal.
    public func isBetter(_ one: Trial, _ other: Trial) -> Bool {
        if one.status != other.status { return one.status.rawValue < other.status.rawValue }
        let left = losses(one.values)[0]
        let right = losses(other.values)[0]
        if one.violation != other.violation { return one.violation < other.violation }
        if left.isNaN != right.isNaN { return right.isNaN }
        if left != right, !left.isNaN { return left < right }
        return one.number < other.number
    }
}

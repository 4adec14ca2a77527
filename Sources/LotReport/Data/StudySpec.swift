import LotCore

/// Everything that decides what a study finds: what its identity is the hash of.
///
/// The number of trials is not among it: a study may go on.
public struct StudySpec: Sendable {
    /// Name and version of the format.
    public static let schema = "lot.study/1"

    /// A parameter that is searched, and its values in words.
    public struct Range: Sendable {
        /// Name of the parameter.
        public var name: String
        /// Its values: `5…50 step 5`.
        public var values: String

        /// Pairs a name with values.
        public init(_ name: String, _ values: String) {
            self.name = name
            self.values = values
        }
    }

    /// What is looked for: an expression and `max` or `min`.
    public struct Goal: Sendable {
        /// A metric, or arithmetic over metrics.
        public var expression: String
        /// `max` or `min`.
        public var direction: String

        /// Pairs an expression with a direction.
        public init(_ expression: String, _ direction: String) {
            self.expression = expression
            self.direction = direction
        }
    }

    /// What every run has in common; its parameters are those before the search.
    public var inputs: RunInputs
    /// The parameters that are searched.
    public var space: [Range]
    /// What must hold between them.
    public var conditions: [String]
    /// What is looked for.
    public var targets: [Goal]
    /// What must hold of a result.
    public var constraints: [String]
    /// Fewest trades of a result that counts.
    public var minTrades: Int
    /// What proposes points, with its settings.
    public var sampler: String
    /// Its seed.
    public var seed: UInt64
    /// What is held back, in words.
    public var validation: String
    /// The metrics that are kept of each trial, in their order.
    public var metrics: [String]

    /// Gathers a specification.
    public init(
        inputs: RunInputs, space: [Range], conditions: [String], targets: [Goal],
        constraints: [String], minTrades: Int, sampler: String, seed: UInt64, validation: String,
        metrics: [String]
    ) {
        self.inputs = inputs
        self.space = space
        self.conditions = conditions
        self.targets = targets
        self.constraints = constraints
        self.minTrades = minTrades
        self.sampler = sampler
        self.seed = seed
        self.validation = validation
        self.metrics = metrics
    }

    /// The document, UTF-8.
    public var json: [UInt8] {
        var json = JSONWriter()
        StudySpec.object.write(self, inline: true, into: &json)
        return json.bytes
    }

    /// Writes the document as a part of another.
    public func write(into json: inout JSONWriter) { StudySpec.object.write(self, into: &json) }

    /// The names and hashes of the script's files: what says that two studies tried one script.
    public var scriptText: String {
        inputs.strategy.sortedHashes.map { "\($0.0) \($0.1)\n" }.joined()
    }

    private static let object = JSONObject<StudySpec>([
        .text("schema", "name and version of the format") { _ in schema },
        .object("inputs", "what every run has in common", RunParts.inputs()) { $0.inputs },
        JSONField("space", "the parameters that are searched", .map(.text())) { spec, json in
            json.object { json in
                for range in spec.space {
                    json.key(range.name)
                    json.value(range.values)
                }
            }
        },
        .texts("where", "what must hold between them") { $0.conditions },
        JSONField("targets", "what is looked for", .map(.text())) { spec, json in
            json.object { json in
                for goal in spec.targets {
                    json.key(goal.expression)
                    json.value(goal.direction)
                }
            }
        },
        .texts("constraints", "what must hold of a result") { $0.constraints },
        .count("min_trades", "fewest trades of a result that counts") { $0.minTrades },
        .text("sampler", "what proposes points") { $0.sampler },
        .text("seed", "its seed") { String($0.seed) },
        .text("validation", "what is held back") { $0.validation },
        .texts("metrics", "what is kept of each trial") { $0.metrics },
    ])
}

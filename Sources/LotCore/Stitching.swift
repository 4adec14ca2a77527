/// What a run is made of that was put together from the tests of a study: each stretch of time with
/// the parameters that were chosen without it.
///
/// Every stretch is a run of its own, without a position at its beginning and closed at its end; it
/// begins with the cash that the one before it ended with.
///
/// - SeeAlso: `docs/optimize.md`, "The run out of sample".
public struct Stitching: Sendable, Hashable {
    /// Identity of the study, 64 hexadecimal digits.
    public var study: String
    /// How the study held data back, in words.
    public var scheme: String
    /// Which path through the tests it is, from 1.
    public var path: Int
    /// How many paths there are.
    public var paths: Int
    /// The stretches, in order of time.
    public var stretches: [Stretch]

    /// A stretch of time and what ran in it.
    public struct Stretch: Sendable, Hashable {
        /// The search that chose the parameters; 0 is the study's main search.
        public var fold: Int
        /// The number of the trial that it chose.
        public var trial: Int
        /// The first open time, included (milliseconds since the epoch).
        public var start: Int64
        /// The end, excluded (milliseconds since the epoch).
        public var end: Int64
        /// Every parameter of the script.
        public var parameters: [NamedParameter]

        /// Describes a stretch.
        public init(
            fold: Int, trial: Int, start: Int64, end: Int64, parameters: [NamedParameter]
        ) {
            self.fold = fold
            self.trial = trial
            self.start = start
            self.end = end
            self.parameters = parameters
        }

        /// The parameters as `--param` takes them.
        public var parameterText: String {
            parameters.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        }
    }

    /// Gathers stretches.
    public init(
        study: String, scheme: String, path: Int, paths: Int, stretches: [Stretch]
    ) {
        self.study = study
        self.scheme = scheme
        self.path = path
        self.paths = paths
        self.stretches = stretches
    }
}

import LotCore
import LotOptimize

/// A condition between parameters, from `--where "fast < slow"`.
struct Condition: Sendable {
    /// As the user wrote it.
    let text: String
    private let expression: Expression

    /// Reads a condition over the names of a space.
    init(_ text: String, _ space: SearchSpace) throws(Diagnosis) {
        self.text = text
        var texts: [String: [String]] = [:]
        for dimension in space.dimensions {
            switch dimension.kind {
            case .choice(let names): texts[dimension.name] = names
            case .bool: texts[dimension.name] = ["false", "true"]
            case .int, .float: continue
            }
        }
        expression = try Expression(
            text, names: space.dimensions.map(\.name), texts: texts, subject: "--where")
        guard expression.isCondition else {
            throw usage(
                "--where", "\"\(escaped(text))\" compares nothing",
                hint: "for example \"fast < slow\"")
        }
    }

    /// Whether a point meets it.
    func holds(_ point: Point) -> Bool { expression.value(point.coordinates) == 1 }
}

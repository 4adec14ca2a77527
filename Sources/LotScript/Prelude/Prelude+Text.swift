import LotMath

extension Prelude {
    /// The whole prelude, with a table of every indicator that this build has.
    static let text =
        basics + indicatorTable + parameters + series + sources + context + entries

    /// `INDICATORS`: the registry as a Lua table, so that a new indicator needs no change here.
    private static var indicatorTable: String {
        var lines = ["local INDICATORS = {"]
        for (index, definition) in IndicatorRegistry.all.enumerated() {
            let parameters = definition.parameters.map { parameter in
                "{ name = \"\(parameter.name)\", default = \(lua(parameter.defaultValue)), "
                    + "min = \(lua(parameter.minimum)), max = \(lua(parameter.maximum)), "
                    + "whole = \(parameter.isWhole), follows = \(parameter.followsPrevious) }"
            }
            lines.append(
                "{ name = \"\(definition.name)\", index = \(index), "
                    + "input = \"\(definition.input == .bars ? "bars" : "series")\", "
                    + "outputs = \(definition.outputs.count), "
                    + "parameters = { \(parameters.joined(separator: ", ")) } },")
        }
        return lines.joined(separator: "\n") + "\n}\n"
    }

    /// A number as Lua writes it; whole numbers without a point, so that messages read well.
    private static func lua(_ value: Double) -> String {
        if let whole = Int(exactly: value) { return String(whole) }
        return value.isFinite ? "\(value)" : value < 0 ? "-1e308" : "1e308"
    }
}

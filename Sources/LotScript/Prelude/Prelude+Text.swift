import LotMath

extension Prelude {
    /// The whole prelude, with a table of every indicator that this build has.
    static let text =
        basics + indicatorTable + parameters + series + legs + sources + context + entries

    /// `INDICATORS`: the registry as a Lua table, so that a new indicator needs no change here.
    ///
    /// In its order: an indicator's place, counted from 0, is its number for the host.
    private static var indicatorTable: String {
        var lines = ["local INDICATORS = {"]
        for definition in IndicatorRegistry.all {
            let parameters = definition.parameters.map { parameter in
                "{ name = \"\(parameter.name)\", default = \(lua(parameter.defaultValue)), "
                    + "min = \(lua(parameter.minimum)), max = \(lua(parameter.maximum)), "
                    + "whole = \(parameter.isWhole), follows = \(parameter.followsPrevious) }"
            }
            let names = ([definition.name] + definition.aliases).map { "\"\($0)\"" }
            lines.append(
                "{ names = { \(list(names)) }, "
                    + "inputs = { \(list(definition.inputs.map { lua($0) })) }, "
                    + "reads_bars = \(definition.readsBars), "
                    + "outputs = \(definition.outputs.count), "
                    + "parameters = { \(list(parameters)) } },")
        }
        return lines.joined(separator: "\n") + "\n}\n"
    }

    private static func list(_ items: [String]) -> String { items.joined(separator: ", ") }

    /// An input as a table of its kind and its name.
    private static func lua(_ input: IndicatorInput) -> String {
        switch input {
        case .series(let name): "{ kind = \"series\", name = \"\(name)\" }"
        case .level(let name): "{ kind = \"level\", name = \"\(name)\" }"
        case .condition(let name): "{ kind = \"condition\", name = \"\(name)\" }"
        case .column(let field): "{ kind = \"column\", name = \"\(field)\" }"
        }
    }

    /// A number as Lua writes it; whole numbers without a point, so that messages read well.
    private static func lua(_ value: Double) -> String {
        if let whole = Int(exactly: value) { return String(whole) }
        return value.isFinite ? "\(value)" : value < 0 ? "-1e308" : "1e308"
    }
}

import ArgumentParser
import LotCore
import LotMath
import LotReport

/// `lot indicators [NAME]`: what scripts can call, from the definitions that they call.
struct IndicatorsCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "indicators",
        abstract: "List the indicators, or show one with its formula.",
        discussion: """
            Examples:
              lot indicators
              lot indicators supertrend
              lot indicators --format json
            """)

    @Argument(
        help: ArgumentHelp("An indicator, or another name of one: macd, stdev.", valueName: "name"))
    var name: String?

    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        let shown: [IndicatorDefinition]
        if let name {
            guard let index = IndicatorRegistry.index(of: name) else {
                throw IndicatorError.unknown(name: name).diagnosis
            }
            shown = [IndicatorRegistry.all[index]]
        } else {
            shown = IndicatorRegistry.all
        }
        switch console.format {
        case .json:
            try writeJSON(console) { json in
                json.array { json in
                    for indicator in shown { json.object { write(indicator, into: &$0) } }
                }
            }
        case .csv: try console.write(csv(shown))
        case .table:
            try console.write(name == nil ? list : shown.map(page).joined())
        }
        return 0
    }

    private var list: String {
        IndicatorRegistry.groups.map { group in
            var table = TextTable(["call", "outputs", "what"])
            for indicator in group.indicators {
                table.add(
                    [
                        indicator.call,
                        indicator.outputs.count == 1
                            ? "" : indicator.outputs.joined(separator: ", "),
                        IndicatorsCommand.plain(indicator.summary),
                    ])
            }
            return "\(group.title)\n"
                + table.text.split(separator: "\n").dropFirst()
                .map { "  \($0)\n" }.joined()
        }.joined(separator: "\n")
    }

    /// All about one indicator.
    private func page(_ indicator: IndicatorDefinition) -> String {
        var table = TextTable(["name", indicator.name])
        func add(_ name: String, _ text: String) {
            if !text.isEmpty { table.add([name, IndicatorsCommand.plain(text)]) }
        }
        add("also", indicator.aliases.joined(separator: ", "))
        add("what", indicator.summary)
        add("call", "ta.\(indicator.call)")
        for parameter in indicator.parameters { add(parameter.name, parameter.rangeText) }
        add("reads", indicator.inputNotes)
        add(
            "outputs", indicator.outputs.count == 1 ? "" : indicator.outputs.joined(separator: ", ")
        )
        let defaults = indicator.parameters.isEmpty ? "" : " (by default \(indicator.usualWarmUp))"
        add("warm-up", indicator.lookback.text + defaults)
        add("bad values", indicator.memory.text)
        add("TA-Lib", indicator.talib ?? "has no such function")
        add("source", indicator.source)
        return table.text + "\n" + wrapped(IndicatorsCommand.plain(indicator.formula))
    }

    private func csv(_ indicators: [IndicatorDefinition]) -> String {
        var csv = CSVWriter(header: ["name", "call", "outputs", "warm_up", "talib", "formula"])
        for indicator in indicators {
            csv.text(indicator.name)
            csv.text(indicator.call)
            csv.text(indicator.outputs.joined(separator: " "))
            csv.number(Int64(indicator.usualWarmUp))
            csv.text(indicator.talib ?? "")
            csv.text(IndicatorsCommand.plain(indicator.formula))
            csv.endRow()
        }
        return String(decoding: csv.bytes, as: UTF8.self)
    }

    private func write(_ indicator: IndicatorDefinition, into json: inout JSONWriter) {
        func text(_ name: String, _ value: String?) {
            field(&json, name, value.map(IndicatorsCommand.plain))
        }
        func texts(_ name: String, _ values: [String]) {
            json.key(name)
            json.array(inline: true) { json in for value in values { json.value(value) } }
        }
        text("name", indicator.name)
        texts("aliases", indicator.aliases)
        text("summary", indicator.summary)
        text("call", indicator.call)
        json.key("parameters")
        json.array { json in
            for parameter in indicator.parameters {
                json.object(inline: true) { json in
                    field(&json, "name", parameter.name)
                    for (name, value) in [
                        ("default", parameter.defaultValue), ("minimum", parameter.minimum),
                        ("maximum", parameter.maximum),
                    ] {
                        json.key(name)
                        json.value(value)
                    }
                    json.key("whole")
                    json.value(parameter.isWhole)
                }
            }
        }
        texts("outputs", indicator.outputs)
        text("warm_up", indicator.lookback.text)
        json.key("default_warm_up")
        json.value(indicator.usualWarmUp)
        text("formula", indicator.formula)
        text("talib", indicator.talib)
        text("source", indicator.source)
    }

    /// The text in lines of at most 96 columns.
    private func wrapped(_ text: String) -> String {
        var lines = [""]
        for word in text.split(separator: " ") {
            let line = lines[lines.count - 1]
            if line.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if line.count + 1 + word.count <= 96 {
                lines[lines.count - 1] = line + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Text without the marks of Markdown.
    private static func plain(_ text: String) -> String { text.filter { $0 != "`" } }
}

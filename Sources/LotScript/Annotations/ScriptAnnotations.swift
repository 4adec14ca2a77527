import LotMath

/// The script library described for the Lua language server (LuaLS), so that editors complete and
/// check strategies.
///
/// `ta.*` is written from the indicator registry; the rest is text that a test compares with the
/// names the sandbox has, both ways.
///
/// - SeeAlso: https://luals.github.io/wiki/annotations
public enum ScriptAnnotations {
    /// The folder of the library in a workspace.
    public static let libraryFolder = ".lot/library"

    /// The library's file in a workspace.
    public static let libraryPath = libraryFolder + "/lot.lua"

    /// `.luarc.json`: points the language server at the library, and takes away what the sandbox
    /// does not have.
    public static let settings = """
        {
          "runtime.version": "Lua 5.4",
          "runtime.builtin": {
            "coroutine": "disable", "debug": "disable", "ffi": "disable", "io": "disable",
            "jit": "disable", "os": "disable", "package": "disable"
          },
          "workspace.library": ["\(libraryFolder)"],
          "workspace.checkThirdParty": false
        }

        """

    /// The library file.
    public static var library: String {
        """
        ---@meta lot
        -- What strategies of lot can use. Written by lot new annotations; do not edit: an upgrade
        -- of lot writes it anew.


        """ + values + declarations + account + ta
    }

    /// `ta`: functions of two series, and every indicator of the build.
    private static var ta: String {
        var text = """
            ---Indicators, and functions of two series.
            ---@class lot.ta
            ta = {}

            ---The largest value, bar by bar; NaN if any is.
            ---@param a lot.series|number
            ---@param b lot.series|number
            ---@param ... lot.series|number
            ---@return lot.series
            function ta.max(a, b, ...) end

            ---The smallest value, bar by bar; NaN if any is.
            ---@param a lot.series|number
            ---@param b lot.series|number
            ---@param ... lot.series|number
            ---@return lot.series
            function ta.min(a, b, ...) end

            ---A series of the script's own: the function is called once a bar and gives its value.
            ---@param f fun(state: table, bar: lot.bar, p: table): number?, ...
            ---@param parameters? table<string, number|string|boolean>
            ---@param options? { outputs?: integer, warm_up?: integer }
            ---@return lot.series ...
            ---@overload fun(bars: lot.source, f: function, p?: table, options?: table): lot.series
            function ta.define(f, parameters, options) end


            """
        for definition in IndicatorRegistry.all { text += indicator(definition) }
        return text
    }

    /// One indicator under each of its names: parameters by position, or by name in a table.
    private static func indicator(_ definition: IndicatorDefinition) -> String {
        var inputs = definition.inputs.map(input)
        if definition.readsBars { inputs = [("ctx", "lot.context|lot.source")] }
        var text = "---\(definition.summary)\n"
        for (name, kind) in inputs { text += "---@param \(name) \(kind)\n" }
        var options: [String] = []
        for parameter in definition.parameters {
            let type = parameter.isWhole ? "integer" : "number"
            let start =
                parameter.followsPrevious
                ? "the one before" : number(parameter.defaultValue)
            text += "---@param \(word(parameter.name))? \(type) Default: \(start).\n"
            options.append("\(word(parameter.name))?: \(type)")
        }
        for output in definition.outputs {
            text += "---@return lot.series \(word(output))\n"
        }
        if !options.isEmpty {
            let results = definition.outputs.map { _ in "lot.series" }.joined(separator: ", ")
            let given = inputs.map { "\($0.name): \($0.kind)" }
            let named = "options: { \(options.joined(separator: ", ")) }"
            let taken = (given + [named]).joined(separator: ", ")
            text += "---@overload fun(\(taken)): \(results)\n"
        }
        let names = inputs.map(\.name) + definition.parameters.map { word($0.name) }
        let list = names.joined(separator: ", ")
        return ([definition.name] + definition.aliases).map { name in
            text + "function ta.\(name)(\(list)) end\n\n"
        }.joined()
    }

    /// The name and type of an input.
    private static func input(_ input: IndicatorInput) -> (name: String, kind: String) {
        switch input {
        case .series(let name): (word(name), "lot.series")
        case .level(let name): (word(name), "lot.series|number")
        case .condition(let name): (word(name), "lot.condition")
        case .column: ("ctx", "lot.context|lot.source")
        }
    }

    private static func number(_ value: Double) -> String {
        Int(exactly: value).map(String.init) ?? "\(value)"
    }

    /// A name that is no keyword of Lua.
    private static func word(_ name: String) -> String {
        let keywords: Set = [
            "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto",
            "if", "in", "local", "nil", "not", "or", "repeat", "return", "then", "true", "until",
            "while",
        ]
        return keywords.contains(name) ? name + "_" : name
    }
}

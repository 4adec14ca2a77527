import LotEngine
import LotMath
import Testing

@testable import LotScript

/// The library file for editors names what the sandbox has, and nothing else.
@Suite struct AnnotationTests {
    /// The texts between quotes in the Lua table or call that begins with `start`.
    private func names(after start: String, in text: String) -> Set<String> {
        guard let range = text.firstRange(of: start) else { return [] }
        let rest = text[range.upperBound...]
        let end = rest.firstIndex { $0 == "}" || $0 == ")" } ?? rest.endIndex
        return Set(
            rest[..<end].split(separator: "\"", omittingEmptySubsequences: false).enumerated()
                .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) })
    }

    /// The fields and methods of a class in the library file.
    private func members(_ name: String, methods table: String? = nil) -> Set<String> {
        var result: Set<String> = []
        var isInside = false
        for line in ScriptAnnotations.library.split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            if line.hasPrefix("---@class ") {
                let title = line.dropFirst(10).prefix { $0 != ":" && $0 != " " }
                isInside = title == name
            } else if isInside, line.hasPrefix("---@field ") {
                let field = line.dropFirst(10).prefix { $0 != " " && $0 != "?" }
                if !field.hasPrefix("[") { result.insert(String(field)) }
            }
            guard let table else { continue }
            for separator in [".", ":"] where line.hasPrefix("function " + table + separator) {
                let rest = line.dropFirst(9 + table.count + 1)
                result.insert(String(rest.prefix { $0 != "(" }))
            }
        }
        return result
    }

    /// What a script of the sandbox sees in a table.
    private func keys(_ table: String) throws -> Set<String> {
        let lines = try printed("for name in pairs(\(table)) do print(name) end")
        return Set(lines)
    }

    @Test func `functions of lot and ta are those of the sandbox`() throws {
        #expect(try members("", methods: "lot") == keys("lot"))
        #expect(try members("", methods: "ta") == keys("ta"))
        #expect(try keys("ta").isSuperset(of: IndicatorRegistry.all.map(\.name)))
    }

    @Test func `fields of ctx, orders, fills and the position are those of the sandbox`() {
        let text = Prelude.context
        #expect(
            members("lot.context", methods: "context")
                == names(after: "local context_names = {", in: text))
        #expect(members("lot.order") == names(after: "local order_names = {", in: text))
        #expect(members("lot.fill") == names(after: "local fill_names = {", in: text))
        #expect(
            members("lot.position")
                == names(after: "unknown_field(\"ctx.position\", {", in: text))
        #expect(
            members("lot.order_request") == names(after: "local order_keys = set_of(", in: text))
    }

    @Test func `keys of strategies, rules and series are those of the sandbox`() {
        let entries = Prelude.entries
        #expect(members("lot.rules") == names(after: "local rule_keys = set_of(", in: entries))
        let events = names(after: "local handlers = set_of(", in: entries)
        #expect(members("lot.strategy") == events.union(["rules"]))
        #expect(
            members("lot.declaration")
                == names(after: "check_keys(t, set_of(", in: Prelude.parameters))
        #expect(
            members("", methods: "series")
                == names(after: "unknown_field(\"a series\",", in: Prelude.series))
    }

    @Test func `fields of a bar can be read, and no others`() throws {
        for name in members("lot.bar") {
            #expect(try printed("print(type(bar.\(name)))") == ["number"], "\(name)")
        }
        #expect(members("lot.bar").count == 7)
        #expect(throws: (any Error).self) { try printed("print(bar.closed)") }
    }

    @Test func `the library file is Lua, and every indicator has its defaults`() throws {
        // It declares globals, which a script may: the sandbox's own names are made local first.
        let text = "local lot0 = lot; local lot, ta\n" + ScriptAnnotations.library
        let script =
            text + "\nlocal S = lot0.strategy { name = 't' }\n"
            + "function S.on_bar() end\nreturn S\n"
        _ = try load(script)
        for definition in IndicatorRegistry.all {
            for parameter in definition.parameters where !parameter.followsPrevious {
                #expect(
                    ScriptAnnotations.library.contains("---@param \(parameter.name)"),
                    "\(definition.name) \(parameter.name)")
            }
        }
    }
}

/// What a script sets for itself.
@Suite struct ScriptSettingTests {
    private func read(_ declaration: String) throws -> [ScriptSetting] {
        let text =
            "local S = lot.strategy { name = 't',\n\(declaration) }\n"
            + "function S:on_bar() end\nreturn S\n"
        return try ScriptSetting.read(ScriptFile(name: "s.lua", bytes: Array(text.utf8)))
    }

    @Test func `settings are read with their lines, lists as several values`() throws {
        let settings = try read(
            "settings = {\nfee = 0.0004,\nslippage = 'none', on = true,\nlist = { 'a', 2 } }")
        #expect(
            settings == [
                ScriptSetting(name: "fee", values: [.number(0.0004)], line: 3),
                ScriptSetting(name: "list", values: [.text("a"), .number(2)], line: 5),
                ScriptSetting(name: "on", values: [.flag(true)], line: 4),
                ScriptSetting(name: "slippage", values: [.text("none")], line: 4),
            ])
        #expect(try read("where = 'true'").isEmpty)
    }

    @Test func `what is no setting is refused with its line`() {
        #expect(
            message { _ = try read("settings = 5") }.hasPrefix(
                "65 s.lua: line 1: lot.strategy: settings must be a table"))
        #expect(
            message { _ = try read("settings = { fee = function() end }") }.contains(
                "lot.strategy: settings.fee must be a number, got function"))
        #expect(message { _ = try read("settings = { 5 }") }.contains("takes names and values"))
    }

    @Test func `settings change nothing of a strategy that is run without them`() throws {
        let strategy = try load(
            "local S = lot.strategy { name = 't', settings = { fee = 0 } }\n"
                + "function S:on_bar() end\nreturn S\n")
        #expect(try run(strategy, [1, 2, 3]).trades.isEmpty)
    }
}

import Foundation
import Testing

/// A script that must be refused, and what the refusal says.
struct BadScript: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let script: [UInt8]
    let fragments: [String]

    init(_ name: String, _ script: String, says fragments: String...) {
        self.init(name, bytes: Array(script.utf8), says: fragments)
    }

    init(_ name: String, bytes: [UInt8], says fragments: [String]) {
        testDescription = name
        script = bytes
        self.fragments = fragments
    }
}

/// `body` as the `on_bar` of a strategy; its first line is line 3 of the script.
private func onBar(_ body: String) -> String {
    "local S = lot.strategy { name = \"bad\" }\nfunction S:on_bar(ctx, "
        + "bar)\n\(body)\nend\nreturn S\n"
}

/// `body` as the `rules` of a strategy; its first line is line 3 of the script.
private func rules(_ body: String) -> String {
    "local S = lot.strategy { name = \"bad\" }\nfunction S:rules(ctx, p)\n\(body)\nend\nreturn S\n"
}

struct BadScriptTests {
    static let cases: [BadScript] = [
        BadScript("syntax error", "local S = \nreturn S\n", says: "bad.lua:2"),
        BadScript("runtime error while loading", "local x = nil\nreturn x.y\n", says: "bad.lua:2"),
        BadScript(
            "runtime error in on_bar", onBar("  local x = nil\n  return x.y"),
            says: "bad.lua:4", "nil"),
        BadScript("error() in on_bar", onBar("  error(\"enough\")"), says: "bad.lua:3", "enough"),
        BadScript(
            "endless loop in on_bar", onBar("  while true do end"), says: "bad.lua:3", "time"),
        BadScript(
            "endless loop inside pcall",
            onBar("  while true do pcall(function() while true do end end) end"),
            says: "bad.lua:3", "time"),
        BadScript("endless loop while loading", "while true do end\n", says: "bad.lua:1", "time"),
        BadScript(
            "memory bomb", onBar("  local s = \"x\"\n  while true do s = s .. s end"),
            says: "bad.lua:4", "memory"),
        BadScript(
            "memory bomb inside pcall",
            onBar(
                "  local s = \"x\"\n"
                    + "  while true do pcall(function() s = s .. s end) end"),
            says: "bad.lua:4", "memory"),
        BadScript(
            "one huge string", onBar("  return string.rep(\"x\", 1 << 33)"), says: "bad.lua:3"),
        BadScript("os.execute", onBar("  os.execute(\"touch owned\")"), says: "bad.lua:3", "os"),
        BadScript("io.open", onBar("  io.open(\"owned\", \"w\")"), says: "bad.lua:3", "io"),
        BadScript("require outside the folder", "require(\"../secret\")\n", says: "bad.lua:1"),
        BadScript("load of bytecode", onBar("  load(\"\\27Lua\")()"), says: "bad.lua:3"),
        BadScript(
            "bytecode", bytes: [0x1b] + Array("LuaT".utf8), says: ["bad.lua", "precompiled"]),
        BadScript("a NUL byte", bytes: Array("return 1\0".utf8), says: ["bad.lua"]),
        BadScript("not UTF-8", bytes: Array("-- ".utf8) + [0xff, 0xfe, 0x0a], says: ["bad.lua"]),
        BadScript("an empty file", "", says: "bad.lua"),
        BadScript("no strategy returned", "return 7\n", says: "bad.lua"),
        BadScript(
            "neither rules nor on_bar", "return lot.strategy { name = \"bad\" }\n",
            says: "bad.lua", "on_bar"),
        BadScript(
            "both rules and on_bar",
            "local S = lot.strategy { name = \"bad\" }\nfunction S:rules() return {} end\n"
                + "function S:on_bar() end\nreturn S\n", says: "bad.lua", "rules"),
        BadScript(
            "a condition made but not returned",
            rules(
                "  local a, b = ta.sma(ctx.close, 3), ta.sma(ctx.close, 9)\n"
                    + "  local up = a:crosses_above(b)\n"
                    + "  return { enter_long = a:above(b), exit_long = a:below(b) }"),
            says: "bad.lua:4"),
        BadScript(
            "Lua's and between conditions",
            rules(
                "  local a, b = ta.sma(ctx.close, 3), ta.sma(ctx.close, 9)\n"
                    + "  return { enter_long = a:above(b) and a:above(100),\n"
                    + "    exit_long = a:below(b) }"),
            says: "bad.lua:4"),
        BadScript(
            "a misspelt key",
            rules(
                "  local a, b = ta.sma(ctx.close, 3), ta.sma(ctx.close, 9)\n"
                    + "  return { enter_lon = a:above(b), exit_long = a:below(b) }"),
            says: "enter_lon", "enter_long"),
        BadScript(
            "series compared with <",
            rules("  local a = ta.sma(ctx.close, 3)\n  return { enter_long = a < ctx.close }"),
            says: "bad.lua:4"),
        BadScript(
            "an index inside rules",
            rules("  local a = ta.sma(ctx.close, 3)\n  local x = a[0]\n  return {}"),
            says: "bad.lua:4"),
        BadScript(
            "a shift into the future",
            rules("  return { enter_long = ctx.close:shift(-1):above(1) }"),
            says: "bad.lua:3"),
        BadScript("a negative index", onBar("  local x = ctx.close[-1]"), says: "bad.lua:3"),
        BadScript(
            "an index beyond the history", onBar("  local x = ctx.close[5000]"), says: "bad.lua:3"),
        BadScript(
            "an unknown indicator",
            rules("  return { enter_long = ta.smaa(ctx.close, 3):above(1) }"),
            says: "bad.lua:3", "sma"),
        BadScript(
            "a short entry on spot", rules("  return { enter_short = ctx.close:below(1) }"),
            says: "bad.lua", "short"),
        BadScript(
            "lot.risk without a stop",
            rules(
                "  return { enter_long = ctx.close:above(1), exit_long = ctx.close:below(1),\n"
                    + "    size = lot.risk(0.01) }"), says: "bad.lua", "stop_loss"),
        BadScript("a write to self after on_init", onBar("  self.x = 1"), says: "bad.lua:3"),
        BadScript("a write to a global", onBar("  count = 1"), says: "bad.lua:3"),
        BadScript(
            "a function in ctx.state", onBar("  ctx.state.f = function() end"), says: "bad.lua"),
        BadScript(
            "an unknown field of an order", onBar("  ctx:buy { sise = lot.equity(1) }"),
            says: "bad.lua:3", "size"),
    ]

    @Test(arguments: cases)
    func `a broken script is refused with 65, its line, and nothing changed`(
        bad: BadScript
    ) throws {
        let box = try SampleSeries.box()
        try box.write("bad.lua", bad.script)
        let before = try box.tree()
        let outcome = try LotBinary.run(SampleSeries.arguments("bad.lua"), in: box, timeout: 60)
        expectRefusal(outcome, code: 65, fragments: bad.fragments)
        let changes = differences(before, try box.tree())
        #expect(changes.isEmpty, "\(changes)\n\(outcome.comment)")
    }

    @Test func `a script that is not there is 66`() throws {
        let box = try SampleSeries.box()
        let outcome = try LotBinary.run(SampleSeries.arguments("none.lua"), in: box)
        expectRefusal(outcome, code: 66, fragments: ["none.lua"])
    }

    @Test func `a runtime error shows a traceback under its one line`() throws {
        let box = try SampleSeries.box()
        try box.write("bad.lua", onBar("  local function deep() error(\"enough\") end\n  deep()"))
        let outcome = try LotBinary.run(SampleSeries.arguments("bad.lua"), in: box)
        expectRefusal(outcome, code: 65, fragments: ["bad.lua:3", "enough", "bad.lua:4"])
    }
}

/// Expects an error in the one form: `lot: …` on standard error, nothing on standard output.
///
/// A fragment `x.lua:4` is met by `x.lua: line 4` too.
func expectRefusal(
    _ outcome: Outcome, code: Int32, fragments: [String],
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(outcome.code == code, outcome.comment, sourceLocation: sourceLocation)
    #expect(outcome.out.isEmpty, outcome.comment, sourceLocation: sourceLocation)
    let lines = outcome.err.split(separator: "\n")
    #expect(
        lines.contains { $0.hasPrefix("lot: ") }, outcome.comment, sourceLocation: sourceLocation)
    for fragment in fragments {
        #expect(
            outcome.err.localizedCaseInsensitiveContains(fragment)
                || outcome.err.replacing(": line ", with: ":").contains(fragment),
            "no \"\(fragment)\" in the message\n\(outcome.comment)",
            sourceLocation: sourceLocation)
    }
}

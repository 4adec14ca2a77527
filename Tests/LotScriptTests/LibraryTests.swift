import LotCore
import LotEngine
import LotScript
import Testing

@Suite struct Library {
    /// Messages differ where ours say more; every other row is equal.
    static let show = """
        local function show(...)
          local r = table.pack(...)
          for i = 1, r.n do r[i] = tostring(r[i]) end
          return (table.concat(r, "|"):gsub("%c", function(c) return \
          ("\\\\x%02x"):format(c:byte()) end))
        end
        """

    @Test func `replaced functions give what the stock ones give`() throws {
        for (expression, expected) in LibraryTable.rows {
            let log = try printed(Library.show + "\nprint(show(" + expression + "))")
            var actual = log.first ?? "nothing"
            // Our errors carry the script's place.
            if expected.hasPrefix("false|") {
                actual = actual.replacing(#/s\.lua:\d+: /#, with: "")
            }
            #expect(actual == expected, "\(expression)")
        }
    }

    @Test func `a module is read from the strategy's folder and counts as part of it`() throws {
        let folder = try Folder()
        defer { folder.remove() }
        try folder.write("util.lua", "local M = {} function M.twice(x) return 2 * x end return M")
        try folder.write("sub/more.lua", "return { n = require('util').twice(4) }")
        let text = onBar("print(more.n)", setUp: "local more = require 'sub/more';")
        let strategy = try load(text, folder: folder.path)
        #expect(strategy.bytesByPath.keys.sorted() == ["s.lua", "sub/more.lua", "util.lua"])
        #expect(try run(strategy, [1]).notes.log.map(\.text) == ["8"])
    }

    @Test(arguments: [
        ("../x", "a module is a file of the strategy's own folder"),
        ("/etc/passwd", "a module is a file of the strategy's own folder"),
        ("a.b", "a module is a file of the strategy's own folder"),
        ("", "a module is a file of the strategy's own folder"),
        ("nowhere", "no such file in the strategy's folder"),
        ("link", "links out of the strategy's folder are not followed"),
        ("linked/util", "links out of the strategy's folder are not followed"),
        ("code", "precompiled Lua is not accepted"),
        ("broken", "line 1: unexpected symbol near <eof>"),
        ("loop", "line 1: \"loop\" requires itself"),
    ]) func `a module outside the folder is refused`(_ name: String, _ reason: String) throws {
        let folder = try Folder()
        defer { folder.remove() }
        try folder.write("inner/util.lua", "return 1")
        try folder.write("code.lua", "\u{1b}Lua")
        try folder.write("broken.lua", "x =")
        try folder.write("loop.lua", "require 'loop'")
        try folder.link("link.lua", to: "inner/util.lua")
        try folder.link("linked", to: "inner")
        let text = message { _ = try load("require '\(name)'", folder: folder.path) }
        #expect(text.hasPrefix("65 ") && text.contains(reason), "\(text)")
    }
}

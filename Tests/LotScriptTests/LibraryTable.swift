/// Expressions of Lua's standard library, and what the stock Lua 5.4.4 gives for them: the values
/// of
/// `table.pack(expression)` as text, separated by `|`, control characters as `\xNN`.
///
/// Made by running each expression with the `lua5.4` of Debian 12.
enum LibraryTable {
    static let rows: [(expression: String, expected: String)] = [
        (##"("hello world"):find("o w")"##, ##"5|7"##),
        (##"("hello"):find("l+")"##, ##"3|4"##),
        (##"("hello"):find("xyz")"##, ##"nil"##),
        (##"("hello"):find("")"##, ##"1|0"##),
        (##"("hello"):find("", 10)"##, ##"nil"##),
        (##"("hello"):find("", 6)"##, ##"6|5"##),
        (##"("a.b"):find(".", 1, true)"##, ##"2|2"##),
        (##"("a.b"):find("%.")"##, ##"2|2"##),
        (##"("hello"):find("l", -2)"##, ##"4|4"##),
        (##"("hello"):find("h", -100)"##, ##"1|1"##),
        (##"("hello"):find("(l)(l)")"##, ##"3|4|l|l"##),
        (##"("hello"):find("()ll()")"##, ##"3|4|3|5"##),
        (##"("key = value"):match("^(%w+)%s*=%s*(%w+)$")"##, ##"key|value"##),
        (##"("  trim  "):match("^%s*(.-)%s*$") .. "|""##, ##"trim|"##),
        (##"("2024-01-31"):match("(%d+)-(%d+)-(%d+)")"##, ##"2024|01|31"##),
        (##"("THE (quick) fox"):find("%((%a+)%)")"##, ##"5|11|quick"##),
        (##"("f(a(b)c)d"):match("%b()")"##, ##"(a(b)c)"##),
        (##"("((("):match("%b()")"##, ##"nil"##),
        (##"("THE (quick) fox"):gsub("%f[%a]%a+", "W")"##, ##"W (W) W|3"##),
        (##"("hello"):gsub("", "-")"##, ##"-h-e-l-l-o-|6"##),
        (##"("hello"):gsub("l", "L", 1)"##, ##"heLlo|1"##),
        (##"("hello world"):gsub("(%w+)", "<%1>")"##, ##"<hello> <world>|2"##),
        (##"("hello world"):gsub("%w+", "%0 %0", 1)"##, ##"hello hello world|1"##),
        (##"("hello"):gsub("l", { l = "1" })"##, ##"he11o|2"##),
        (##"("hello"):gsub("l", { l = false })"##, ##"hello|2"##),
        (##"("hello"):gsub(".", function(c) if c == "l" then return "_" end end)"##, ##"he__o|5"##),
        (##"("abc"):gsub("%w", "%%%0")"##, ##"%a%b%c|3"##),
        (##"("abcabc"):gsub("^a", "x")"##, ##"xbcabc|1"##),
        (##"("abab"):match("(ab)%1")"##, ##"ab"##),
        (##"("abac"):match("(ab)%1")"##, ##"nil"##),
        (##"("x = 5"):match("=%s*(%-?%d+)")"##, ##"5"##),
        (##"("[[x]]"):find("[]]")"##, ##"4|4"##),
        (##"("a-b"):find("[a-]-b")"##, ##"1|3"##),
        (##"("a^b"):find("[%^]")"##, ##"2|2"##),
        (##"("b"):find("[^a]")"##, ##"1|1"##),
        (##"("a]"):find("[^]]")"##, ##"1|1"##),
        (##"("0x1F"):match("^0[xX](%x+)$")"##, ##"1F"##),
        (##"("%d"):find("%%d")"##, ##"1|2"##),
        (##"("a\0b"):find("\0")"##, ##"2|2"##),
        (##"("a\0b"):find("[\0]")"##, ##"2|2"##),
        (##"("\n\t "):find("%S")"##, ##"nil"##),
        (##"("aaa"):find("a-", 2)"##, ##"2|1"##),
        (##"("aaa"):match("^(a-)$")"##, ##"aaa"##),
        (##"("aaab"):match("a-b")"##, ##"aaab"##),
        (##"("ab"):match("a?b?c?")"##, ##"ab"##),
        (##"("caa"):match("a*")"##, ##""##),
        (##"("12abc"):match("%d*%a+")"##, ##"12abc"##),
        (##"("one;two;;four"):gsub(";;", ";nil;")"##, ##"one;two;nil;four|1"##),
        (##"("path/to/file.lua"):match("([^/]+)%.(%w+)$")"##, ##"file|lua"##),
        (##"("äöü"):find("ö")"##, ##"3|4"##),
        (##"("x"):rep(3, ",")"##, ##"x,x,x"##),
        (##"("x"):rep(0)"##, ##""##),
        (##"("x"):rep(-1)"##, ##""##),
        (##"table.concat({ ("abc"):byte(1, -1) }, ",")"##, ##"97,98,99"##),
        (##"("THE END"):lower():upper()"##, ##"THE END"##),
        (
            ##"string.format("%5.2f|%d|%s|%q|%x|%5s|%-5s|", 3.14159, 42, "hi", "a\nb", "##
                + ##"255, "ab", "cd")"##,
            ##" 3.14|42|hi|"a\\x0ab"|ff|   ab|cd   |"##
        ),
        (
            ##"string.format("%g %e %i %c %o %%", 0.1, 12345.678, 7, 65, 8)"##,
            ##"0.1 1.234568e+04 7 A 10 %"##
        ),
        (##"string.format("%s %s %s", nil, true, 1.5)"##, ##"nil true 1.5"##),
        (##"string.format("%10.3s|", "abcdef")"##, ##"       abc|"##),
        (##"string.format("%a", 1)"##, ##"0x1p+0"##),
        (##"("abc"):sub(-2)"##, ##"bc"##),
        (##"("abc"):find("[b-]")"##, ##"2|2"##),
        (##"("abc"):find("[a-c]+")"##, ##"1|3"##),
        (##"("a.b-c"):gsub("[.-]", "")"##, ##"abc|2"##),
        (##"("abc"):find("a(b(c))")"##, ##"1|3|bc|c"##),
        (##"("abc"):match("((a)(b)(c))")"##, ##"abc|a|b|c"##),
        (##"("aXb"):find("%u")"##, ##"2|2"##),
        (##"("aXb"):match("%l+")"##, ##"a"##),
        (##"("foo.bar"):match("^(.-)%.(.*)$")"##, ##"foo|bar"##),
        (##"("  x"):find("^%s*$")"##, ##"nil"##),
        (##"("   "):find("^%s*$")"##, ##"1|3"##),
        (##"("hello"):gsub("(l)(l)", "%2%1")"##, ##"hello|1"##),
        (##"("x"):gsub("x", "%1")"##, ##"x|1"##),
        (##"("a,b,,c"):gsub(",", ";", 2)"##, ##"a;b;,c|2"##),
        (
            ##"(function() local r = {} for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do "##
                + ##"r[#r + 1] = k .. v end return table.concat(r, " ") end)()"##,
            ##"a1 b2"##
        ),
        (
            ##"(function() local r = {} for w in ("one two  three"):gmatch("%a*") do r[#r "##
                + ##"+ 1] = "[" .. w .. "]" end return table.concat(r) end)()"##,
            ##"[one][two][][three]"##
        ),
        (
            ##"(function() local r = {} for p in ("abc"):gmatch("()") do r[#r + 1] = p end "##
                + ##"return table.concat(r, ",") end)()"##,
            ##"1,2,3,4"##
        ),
        (
            ##"(function() local r = {} for w in ("abcabc"):gmatch("b", 3) do r[#r + 1] = "##
                + ##"w end return #r end)()"##,
            ##"1"##
        ),
        (
            ##"(function() local r = {} for w in ("^a^a"):gmatch("^a") do r[#r + 1] = w "##
                + ##"end return #r end)()"##,
            ##"2"##
        ),
        (##"select("#", ("abc"):find("(a)(b)(c)"))"##, ##"5"##),
        (##"pcall(string.find, "a", "[a")"##, ##"false|malformed pattern (missing ']')"##),
        (##"pcall(string.find, "a", "%")"##, ##"false|malformed pattern (ends with '%')"##),
        (##"pcall(string.find, "a", "(a")"##, ##"false|unfinished capture"##),
        (##"pcall(string.find, "a", "a)")"##, ##"true|nil"##),
        (##"pcall(string.find, "a", "%1")"##, ##"false|invalid capture index %1"##),
        (##"pcall(string.find, "a", "%f")"##, ##"false|missing '[' after '%f' in pattern"##),
        (
            ##"pcall(string.find, "a", "%b")"##,
            ##"false|malformed pattern (missing arguments to '%b')"##
        ),
        (##"pcall(string.gsub, "a", "a", "%2")"##, ##"false|invalid capture index %2"##),
        (
            ##"pcall(string.gsub, "a", "a", "%x")"##,
            ##"false|invalid use of '%' in replacement string"##
        ),
        (##"table.concat({ 1, 2.5, "x" }, "-")"##, ##"1-2.5-x"##),
        (##"table.concat({}, ",")"##, ##""##),
        (##"table.concat({ 1, 2, 3 }, ",", 2, 3)"##, ##"2,3"##),
        (##"table.unpack({ 1, 2, 3 }, 2)"##, ##"2|3"##),
        (##"table.remove({ 1, 2, 3 }, 1)"##, ##"1"##),
        (##"table.remove({})"##, ##"nil"##),
        (##"table.remove({}, 0)"##, ##"nil"##),
        (##"table.remove({}, #{})"##, ##"nil"##),
        (##"table.remove({}, 1)"##, ##"nil"##),
        (##"table.remove({ 1, 2 }, 3)"##, ##"nil"##),
        (##"pcall(table.remove, { 1, 2 }, 4) == false"##, ##"true"##),
        (##"pcall(table.remove, { 1, 2 }, 0) == false"##, ##"true"##),
        (##"pcall(table.remove, {}, 2) == false"##, ##"true"##),
        (##"pcall(table.remove, {}, -1) == false"##, ##"true"##),
        (##"("\0a\0"):find("%z", 2)"##, ##"3|3"##),
        (##"("\0a\0"):gsub("%Z", "b")"##, ##"\x00b\x00|1"##),
        (##"table.pack(1, nil, 3).n"##, ##"3"##),
        (##"table.concat(table.move({ 1, 2, 3 }, 1, 3, 2), ",")"##, ##"1,1,2,3"##),
        (##"table.concat(table.move({ 1, 2, 3 }, 2, 3, 1), ",")"##, ##"2,3,3"##),
        (
            ##"(function() local t = { 1, 2 } table.insert(t, 1, 0) table.insert(t, 9) "##
                + ##"return table.concat(t, ",") end)()"##,
            ##"0,1,2,9"##
        ),
        (
            ##"(function() local t = { 5, 2, 9, 1 } table.sort(t) return table.concat(t, "##
                + ##"",") end)()"##,
            ##"1,2,5,9"##
        ),
        (
            ##"(function() local t = { 5, 2, 9, 1 } table.sort(t, function(a, b) return a "##
                + ##"> b end) return table.concat(t, ",") end)()"##,
            ##"9,5,2,1"##
        ),
        (
            ##"math.max(1, 2.5), math.floor(-0.5), math.tointeger(3.0), 7 // 2, 7 % -3, 1 / 0"##,
            ##"2.5|-1|3|3|-2|inf"##
        ),
        (##"utf8.len("äöü"), utf8.char(228), #utf8.char(8364)"##, ##"3|ä|3"##),
        (
            ##"tostring(1e15), tostring(0.1), tostring(-0.0), tostring(1 << 62), 10 == 10.0"##,
            ##"1e+15|0.1|-0.0|4611686018427387904|true"##
        ),
        (
            ##"tonumber("0x10"), tonumber("  5  "), tonumber("5x"), tonumber("z", 36), "10" + 5"##,
            ##"16|5|nil|35|15"##
        ),
        (
            ##"select(-1, 1, 2, 3), rawlen({ 1, 2 }), rawequal("a", "a"), type(nil)"##,
            ##"3|2|true|nil"##
        ),
    ]
}

import Foundation
import Testing

/// `lot data resample | export | delete | instruments` and the data of perpetuals, as typed.
struct DataCommandTests {
    private func lot(_ box: Sandbox, _ line: String) throws -> Outcome {
        try LotBinary.run(line.split(separator: " ").map(String.init), in: box)
    }

    /// A workspace with a generated perpetual.
    private func box() throws -> Sandbox {
        let box = try Sandbox()
        let made = try lot(
            box, "data generate --as test.perp:GENUSDT:15m --rows 1000 --funding --home home")
        #expect(made.code == 0, made.comment)
        #expect(
            made.out == """
                test.perp:GENUSDT:15m: 1,000 synthetic bars added, 1,000 rows
                test.perp:GENUSDT:funding: 32 synthetic fundings added, 32 rows

                """, made.comment)
        return box
    }

    @Test func `resampling says what it made, and does it again without a change`() throws {
        let box = try box()
        let made = try lot(
            box, "data resample test.perp:GENUSDT:15m --to 1h --to 1d --home home")
        #expect(made.code == 0 && made.err.isEmpty, made.comment)
        #expect(
            made.out == """
                test.perp:GENUSDT:1h: 250 bars added from 1,000 bars of test.perp:GENUSDT:15m
                250 rows, 2023-01-01T00:00Z to 2023-01-11T09:00Z
                test.perp:GENUSDT:1d: 10 bars added from 1,000 bars of test.perp:GENUSDT:15m
                10 rows, 2023-01-01T00:00Z to 2023-01-10T00:00Z

                """, made.comment)
        let before = try box.tree()
        let again = try lot(
            box, "data resample test.perp:GENUSDT:15m --to 1h --home home --format json")
        let document = try again.json()
        let entry = try #require((document["made"] as? [[String: Any]])?.first)
        #expect(entry["rows_added"] as? Int == 0 && entry["rows_unchanged"] as? Int == 250)
        #expect(differences(before, try box.tree()).isEmpty)
        let list = try lot(box, "data list --home home --format csv")
        #expect(
            list.out.split(separator: "\n").dropFirst().map { line in
                // Sizes and times come last.
                line.split(separator: ",").prefix(6).joined(separator: ",")
            } == [
                "test.perp:GENUSDT:15m,1000,2023-01-01T00:00Z,2023-01-11T09:45Z,0,true",
                "test.perp:GENUSDT:1d,10,2023-01-01T00:00Z,2023-01-10T00:00Z,0,true",
                "test.perp:GENUSDT:1h,250,2023-01-01T00:00Z,2023-01-11T09:00Z,0,true",
                "test.perp:GENUSDT:funding,32,2023-01-01T00:00Z,2023-01-11T08:00Z,0,true",
            ], list.comment)
        let verified = try lot(box, "data verify --home home")
        #expect(verified.code == 0, verified.comment)
    }

    @Test func `an export goes to standard output or, whole, to a file`() throws {
        let box = try box()
        let text = try lot(
            box, "data export test.perp:GENUSDT:funding --end 2023-01-02 --times ms --home home")
        #expect(text.code == 0 && text.err.isEmpty, text.comment)
        let lines = text.out.split(separator: "\n")
        #expect(lines.count == 4 && lines[0] == "time,rate,mark_price", text.comment)
        #expect(lines[1].hasPrefix("1672531200000,"), text.comment)
        let file = try lot(box, "data export test.perp:GENUSDT:15m -o bars.csv --home home")
        #expect(file.code == 0 && file.out.isEmpty, file.comment)
        #expect(
            file.err == "bars.csv: 1,000 rows of test.perp:GENUSDT:15m, 2023-01-01T00:00Z to "
                + "2023-01-11T09:45Z\n", file.comment)
        let back = try lot(box, "data import bars.csv --as other:GENUSDT:15m --home home --quiet")
        #expect(back.code == 0, back.comment)
        let one = try box.tree("home/datasets/test/perp/GENUSDT/15m")
        let two = try box.tree("home/datasets/other/spot/GENUSDT/15m")
        #expect(differences(one, two) == ["changed: series.json"])
        let full = try LotBinary.shell(
            #""$0" data export test.perp:GENUSDT:15m --home home > /dev/full"#, [], in: box)
        #expect(full.code == 74, full.comment)
        let pipe = try LotBinary.shell(
            #""$0" data export test.perp:GENUSDT:15m --home home | head -1"#, [], in: box)
        #expect(pipe.err.isEmpty && pipe.out.hasPrefix("open_time,"), pipe.comment)
    }

    @Test func `an export overwrites no file unless it is told to`() throws {
        let box = try box()
        let export = "data export test.perp:GENUSDT:15m --home home -o "
        try box.write("mine.txt", "mine\n")
        try box.write("empty.csv", "")
        let refused = try lot(box, export + "mine.txt")
        #expect(refused.code == 73, refused.comment)
        #expect(
            refused.err == "lot: mine.txt: is there already; --replace overwrites it, or name "
                + "another file\n", refused.comment)
        #expect(try Data(contentsOf: box.folder.appending(path: "mine.txt")) == Data("mine\n".utf8))
        for place in ["empty.csv", "new/folder/a.csv", "mine.txt --replace"] {
            let written = try lot(box, export + place)
            #expect(written.code == 0, written.comment)
        }
        try FileManager.default.createSymbolicLink(
            atPath: box.path("link"), withDestinationPath: "mine.txt")
        for place in ["link", "home", "/dev/null"] {
            let other = try lot(box, export + place + " --replace")
            #expect(other.code == 73 && other.err.contains("no regular file"), other.comment)
        }
    }

    @Test func `nothing is deleted without --yes where nobody can be asked`() throws {
        let box = try box()
        let before = try box.tree()
        let asked = try lot(box, "data delete test.perp:GENUSDT:15m --home home")
        #expect(asked.code == 64, asked.comment)
        #expect(
            asked.err == "lot: --yes: missing, and there is no terminal to ask on; "
                + "add --yes to delete test.perp:GENUSDT:15m\n", asked.comment)
        #expect(differences(before, try box.tree()).isEmpty)
        let missing = try lot(
            box, "data delete test.perp:GENUSDT:15m test:NONE:1h --yes --home home")
        #expect(missing.code == 66, missing.comment)
        #expect(differences(before, try box.tree()).isEmpty)
        let done = try lot(
            box, "data delete test.perp:GENUSDT:15m test.perp:GENUSDT:funding --yes --home home")
        #expect(done.code == 0, done.comment)
        #expect(done.out.hasPrefix("test.perp:GENUSDT:15m: deleted (1,000 rows, "), done.comment)
        #expect(try box.tree("home/datasets").isEmpty)
    }

    @Test func `rules of perpetuals come from the exchange's answers`() throws {
        let box = try Sandbox()
        try box.write(
            "info.json",
            """
            {"serverTime": 1704067200000, "symbols": [
              {"symbol": "ABCUSDT", "contractType": "PERPETUAL", "liquidationFee": "0.0125",
               "filters": [{"filterType": "PRICE_FILTER", "tickSize": "0.10"},
                {"filterType": "LOT_SIZE", "stepSize": "0.001", "minQty": "0.001"},
                {"filterType": "MIN_NOTIONAL", "notional": "5"}]},
              {"symbol": "ABCUSDT_240628", "contractType": "CURRENT_QUARTER"}]}
            """)
        try box.write(
            "tiers.json",
            """
            {"symbol": "ABCUSDT", "brackets": [{"initialLeverage": 50, "notionalFloor": 0,
              "maintMarginRatio": 0.01, "cum": 0}]}
            """)
        let made = try lot(
            box, "data instruments import info.json tiers.json --home home --exchange abc")
        #expect(made.code == 0, made.comment)
        #expect(
            made.out == "abc: 1 instrument added, 0 changed, 0 as before\n"
                + "left out: 1 (dated futures)\n", made.comment)
        let list = try lot(box, "data instruments list --exchange abc --home home --format csv")
        #expect(
            list.out.split(separator: "\n").last?.hasPrefix(
                "perp,ABCUSDT,0.1,0.001,0.001,5,50,1,0.0125,,") == true, list.comment)
        let bad = try lot(box, "data instruments import tiers.json --exchange ../x --home home")
        #expect(bad.code == 64, bad.comment)
    }

    @Test(arguments: [
        ("data resample test.perp:GENUSDT:15m", "--to: missing; for example --to 1h"),
        ("data resample test.perp:GENUSDT:15m --to 7h", "--to: \"7h\" is not an interval"),
        ("data resample test.perp:GENUSDT:funding --to 1h", "is a series of funding rates"),
        ("data resample test.perp:GENUSDT:15m --to 1m", "are not made of whole bars of 15m"),
        ("data export test.perp:GENUSDT:15m --times unix", "--times: \"unix\" is not a form"),
        ("data export test.perp:GENUSDT:15m --format json", "an export is CSV"),
        ("data export test.perp:GENUSDT:15m --start x", "--start: \"x\" is not a time"),
        ("data delete test.perp:GENUSDT:15m test.perp:GENUSDT:15m", "given twice; keep one"),
        ("data generate --as test:A:1h --rows 9 --funding", "--funding: test:A:1h is no perpetual"),
        ("data import x.csv --as test:A:funding", "only perpetuals have a mark price"),
        ("data import x.csv --as test:A:mark_1h", "only perpetuals have a mark price"),
    ])
    func `what cannot be meant is refused`(line: String, reason: String) throws {
        let box = try box()
        let before = try box.tree()
        let outcome = try lot(box, line + " --home home")
        #expect(outcome.code == 64 && outcome.out.isEmpty, outcome.comment)
        #expect(outcome.err.contains(reason), outcome.comment)
        #expect(differences(before, try box.tree()).isEmpty)
    }
}

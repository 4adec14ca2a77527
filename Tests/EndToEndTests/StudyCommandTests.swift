import Foundation
import Testing

/// The command that a study's page names, run as it stands.
struct StudyCommandTests {
    private static let options = [
        "cross.lua", "--data", SampleSeries.address, "--parameter", "fast", "5", "35", "10", "slow",
        "40", "90", "10", "--where", "fast < slow", "--constraint", "max_drawdown < 0.9",
        "--target",
        "sharpe - 2 * max_drawdown", "--sampler", "random", "--trials", "12", "--search-seed", "9",
        "--split", "0.6", "--study", "s",
    ]

    /// The command of a study's page.
    private func command(_ box: Sandbox) throws -> String {
        let file = box.folder.appending(path: "home/studies/s/study.html")
        let page = try String(contentsOf: file, encoding: .utf8)
        let cells = try #require(
            page.firstMatch(of: /<td[^>]*>command<\/td><td[^>]*>([^<]+)<\/td>/))
        return String(cells.1).replacing("&lt;", with: "<").replacing("&gt;", with: ">")
            .replacing("&#39;", with: "'").replacing("&quot;", with: "\"")
            .replacing("&amp;", with: "&")
    }

    @Test func `the command on the page makes the same study in another place`() throws {
        let box = try SampleSeries.box()
        try box.write("lot.toml", "[optimize]\nfee = 0.002\n")
        let first = try LotBinary.run(
            ["optimize"] + Self.options + [
                "--home", "home", "--config", "lot.toml", "-j", "2", "-q",
            ],
            in: box)
        #expect(first.code == 0, first.comment)
        let line = try command(box)
        #expect(line.hasPrefix("lot optimize "), Comment(rawValue: line))
        #expect(line.contains("--fee"), Comment(rawValue: line))
        let other = try SampleSeries.box()
        let again = try LotBinary.shell(
            "\"$0\" " + line.dropFirst(4) + " --home home -q", [], in: other)
        #expect(again.code == 0, again.comment)
        #expect(
            differences(try box.tree("home/studies/s"), try other.tree("home/studies/s")).isEmpty)
        #expect(again.out == first.out)
    }

    @Test func `shards that are merged have the page of the whole study`() throws {
        let whole = try SampleSeries.box()
        let outcome = try LotBinary.run(
            ["optimize"] + Self.options + ["--home", "home", "--assert", "trials >= 2"], in: whole)
        #expect(outcome.code == 0, outcome.comment)
        let box = try SampleSeries.box()
        for shard in ["0/2", "1/2"] {
            let part = try LotBinary.run(
                ["optimize"] + Self.options + ["--home", "home", "--shard", shard], in: box)
            #expect(part.code == 0, part.comment)
        }
        let merged = try LotBinary.run(
            ["optimize", "merge", "home/studies/s/shards", "--home", "home", "--clean"], in: box)
        #expect(merged.code == 0, merged.comment)
        #expect(
            try whole.tree("home/studies/s")["study.html"]
                == box.tree("home/studies/s")["study.html"])
    }
}

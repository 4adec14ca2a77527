import Testing

@testable import LotCommands

struct StudyCommandLineTests {
    @Test func `a study's command is what was typed, without what belongs to one task`() {
        let typed = [
            "optimize", "run", "my strategy.lua", "--data", "binance:BTCUSDT:1h", "--parameter",
            "fast", "5", "50", "5", "--constraint", "max_drawdown < 0.25", "--home=there", "-j",
            "2",
            "--resume", "--shard", "1/4", "--jobs=3", "--quiet", "--search-seed", "7",
        ]
        #expect(
            StudyCommandLine.text(typed)
                == "lot optimize run 'my strategy.lua' --data binance:BTCUSDT:1h --parameter fast "
                + "5 50 5 --constraint 'max_drawdown < 0.25' --search-seed 7")
    }

    @Test func `an interrupted, a divided and a whole study have the same command`() {
        let whole = ["optimize", "s.lua", "--data", "a:B:1h", "--trials", "40"]
        let others = [
            whole + ["--resume"], whole + ["--shard", "0/2", "--shard-folder", "d"],
            whole + ["--assert", "pbo <= 0.2", "--junit", "j.xml", "-q"],
            ["optimize", "--home", "h", "s.lua", "-j", "1", "--data", "a:B:1h", "--trials", "40"],
        ]
        for other in others {
            #expect(StudyCommandLine.text(other) == StudyCommandLine.text(whole))
        }
    }

    @Test(arguments: [
        ("plain-1.5_x/y:z=@,%+", "plain-1.5_x/y:z=@,%+"), ("", "''"), ("two words", "'two words'"),
        ("it's", "'it'\\''s'"), ("$(rm x)`y`", "'$(rm x)`y`'"), ("a\"b", "'a\"b'"),
        ("'", "''\\'''"), ("~", "'~'"), ("ä", "'ä'"),
    ])
    func `a shell reads a word back as it was`(_ word: String, _ quoted: String) {
        #expect(StudyCommandLine.quoted(word) == quoted)
    }

    @Test func `what stands behind two dashes is kept`() {
        #expect(
            StudyCommandLine.text(["optimize", "--", "--resume"]) == "lot optimize -- --resume")
    }
}

import Foundation
import Testing

struct AssertTests {
    @Test func `an assertion that holds is 0`() throws {
        let box = try SampleSeries.box()
        let outcome = try LotBinary.run(
            SampleSeries.arguments("cross.lua", ["--assert", "sharpe>=-1000"]), in: box)
        #expect(outcome.code == 0, outcome.comment)
    }

    @Test func `an assertion that fails is 1 and says by how much, after the result`() throws {
        let box = try SampleSeries.box()
        let outcome = try LotBinary.run(
            SampleSeries.arguments(
                "cross.lua", ["--assert", "sharpe>=-1000", "--assert", "sharpe>=1000"]), in: box)
        #expect(outcome.code == 1, outcome.comment)
        #expect(!outcome.out.isEmpty, outcome.comment)
        #expect(outcome.err.contains("sharpe"), outcome.comment)
        #expect(outcome.err.contains("1000"), outcome.comment)
        #expect(outcome.err.contains("lot: "), outcome.comment)
    }

    @Test func `an assertion on an undefined metric fails`() throws {
        let box = try SampleSeries.box()
        try box.write(
            "still.lua",
            """
            local S = lot.strategy { name = "still" }
            function S:on_bar(ctx, bar) end
            return S
            """)
        let outcome = try LotBinary.run(
            SampleSeries.arguments("still.lua", ["--assert", "win_rate>=0"]), in: box)
        #expect(outcome.code == 1, outcome.comment)
        #expect(outcome.err.contains("win_rate"), outcome.comment)
    }
}

import Foundation

/// A small series whose every value is known: 2,000 hours from 2024-01-01, as an archive's CSV.
enum SampleSeries {
    static let address = "test:GENUSDT:1h"
    static let rows = 2_000
    /// 2024-01-01T00:00Z in milliseconds.
    static let start: Int64 = 1_704_067_200_000
    static let hour: Int64 = 3_600_000

    /// The series in the form of Binance's archives: no header, twelve columns.
    static let csv = lines(0..<rows).joined(separator: "\n") + "\n"

    /// Rows of the series.
    ///
    /// Prices are two slow waves around 100, so that moving averages cross.
    static func lines(_ range: Range<Int>) -> [String] {
        range.map { row in
            let (open, close) = (price(row), price(row + 1))
            let high = max(open, close) * 1.002
            let low = min(open, close) * 0.998
            let time = start + Int64(row) * hour
            let prices = [open, high, low, close].map { String(format: "%.2f", $0) }
                .joined(separator: ",")
            let volume = "1000000.00000000"
            return "\(time),\(prices),\(volume),\(time + hour - 1),100000.0,500,500.0,50000.0,0"
        }
    }

    private static func price(_ row: Int) -> Double {
        let hours = Double(row)
        return 100 + 8 * sin(hours / 37) + 3 * sin(hours / 11)
    }

    /// A workspace that has the series, made once.
    private static let template: Result<Sandbox, any Error> = Result {
        let box = try Sandbox(inBuildFolder: "sample")
        try box.write("GENUSDT-1h.csv", csv)
        let outcome = try LotBinary.run(
            ["data", "import", "GENUSDT-1h.csv", "--as", address, "--home", box.path("home")],
            in: box)
        guard outcome.code == 0 else {
            throw HarnessError(description: "the import failed\n\(outcome.comment)")
        }
        guard try !box.tree("home").isEmpty else {
            throw HarnessError(description: "the import stored nothing\n\(outcome.comment)")
        }
        return box
    }

    /// A fresh folder with the series in `home/` and the SMA cross in `cross.lua`.
    static func box() throws -> Sandbox {
        let box = try Sandbox()
        try box.copy(try template.get().folder.appending(path: "home"), to: "home")
        try box.write("cross.lua", crossScript)
        return box
    }

    /// The name and the parameters of both scripts.
    private static let crossHead = """
        local S = lot.strategy {
          name   = "cross",
          params = { fast = lot.int { 10, min = 2, max = 40 }, slow = lot.int { 50, min = 20, \
          max = 90 } },
          where  = "fast < slow",
        }

        """

    /// The SMA cross with a parameter to play with.
    static let crossScript = """
        \(crossHead)function S:rules(ctx, p)
          local fast, slow = ta.sma(ctx.close, p.fast), ta.sma(ctx.close, p.slow)
          return { enter_long = fast:crosses_above(slow), exit_long = fast:crosses_below(slow) }
        end
        return S
        """

    /// The same as events, so slow that a study can be met while it runs: some 10 ms a trial over
    /// the series for each 1,000 rounds a bar.
    static func slowScript(rounds: Int) -> String {
        """
        \(crossHead)function S:on_init(ctx, p)
          self.fast, self.slow = ta.sma(ctx.close, p.fast), ta.sma(ctx.close, p.slow)
        end
        function S:on_bar(ctx, bar)
          local x = 0
          for i = 1, \(rounds) do x = x + i % 7 end
          if self.fast[0] > self.slow[0] then
            if ctx.position.flat then return { side = "buy" } end
          elseif not ctx.position.flat then
            ctx:exit { tag = "x" }
          end
        end
        return S
        """
    }

    /// `lot backtest cross.lua` on the series, in the folder of ``box()``.
    static func arguments(_ script: String = "cross.lua", _ more: [String] = []) -> [String] {
        ["backtest", script, "--data", address, "--home", "home"] + more
    }
}

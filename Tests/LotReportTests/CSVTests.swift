import LotCore
import LotTestSupport
import Testing

@testable import LotReport

@Suite struct CSVTests {
    private func cell(_ text: String) -> String {
        var csv = CSVWriter(header: ["x"])
        csv.text(text)
        csv.endRow()
        return String(decoding: csv.bytes.dropFirst(3).dropLast(2), as: UTF8.self)
    }

    @Test(arguments: [
        ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""),
        ("two\nlines", "\"two\nlines\""), ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"), ("\tx", "'\tx"), ("\rx", "\"'\rx\""),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"), ("=a,b", "\"'=a,b\""),
        ("a=b", "a=b"), ("", ""),
    ])
    func `text cells are quoted as RFC 4180 says and never a formula`(raw: String, cell: String) {
        #expect(self.cell(raw) == cell)
    }

    @Test func `numbers are written by code, negative ones without a quote`() {
        var csv = CSVWriter(header: ["a", "b", "c", "d", "e"])
        csv.number(-1.5)
        csv.number(nil)
        csv.number(.nan)
        csv.number(1e21)
        csv.number(-3 as Int64)
        csv.endRow()
        #expect(String(decoding: csv.bytes, as: UTF8.self) == "a,b,c,d,e\r\n-1.5,,,1e+21,-3\r\n")
    }

    @Test func `times stand in ISO 8601 and in milliseconds`() {
        var csv = CSVWriter(header: ["time", "ms"])
        csv.time(1_704_067_200_000)
        csv.endRow()
        #expect(
            String(decoding: csv.bytes, as: UTF8.self)
                == "time,ms\r\n2024-01-01T00:00Z,1704067200000\r\n")
    }

    @Test func `every table has one row per record and one cell per column`() {
        let result = SyntheticRun.result(bars: 300)
        for (bytes, count) in [
            (RunCSV.trades(result), result.trades.count),
            (RunCSV.orders(result), result.orders.count),
            (RunCSV.equity(result), result.equity.count),
            (RunCSV.metrics(result), result.metrics.count),
            (
                RunCSV.breakdown(result),
                PeriodKind.allCases.reduce(0) { $0 + result.details.rows($1).count }
            ),
        ] {
            let text = String(decoding: bytes, as: UTF8.self)
            let lines = text.unicodeScalars.split(separator: "\n").map(String.init)
            #expect(lines.count == count + 1)
            let columns = lines[0].split(separator: ",").count
            for line in lines {
                #expect(
                    line.split(separator: ",", omittingEmptySubsequences: false).count == columns)
            }
        }
    }

    @Test func `each cell of an order stands below the name of its column`() throws {
        var result = SyntheticRun.result(bars: 300)
        result.orders = Array(result.orders.prefix(1))
        result.orders[0].request.tag = "my tag"
        result.orders[0].request.timeInForce = .ioc
        result.orders[0].request.postOnly = true
        result.orders[0].request.reduceOnly = false
        result.orders[0].request.trailingStop = 0.25
        let text = String(decoding: RunCSV.orders(result), as: UTF8.self)
        let rows = text.split(separator: "\r\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        try #require(rows.count == 2)
        let cells = Dictionary(uniqueKeysWithValues: zip(rows[0], rows[1]))
        #expect(cells["tag"] == "my tag")
        #expect(cells["tif"] == "ioc")
        #expect(cells["post_only"] == "1")
        #expect(cells["reduce_only"] == "0")
        #expect(cells["trailing_stop"] == "0.25")
        #expect(cells["symbol"] == result.symbolName(result.orders[0].symbol))
    }
}

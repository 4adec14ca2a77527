import LotCore
import Testing

/// Names of series, and the intervals in them.
struct SeriesAddressTests {
    @Test(arguments: [
        ("binance:BTCUSDT:1h", "binance:BTCUSDT:1h", "binance/spot/BTCUSDT/1h"),
        ("Binance:btc/usdt:1h", "binance:BTCUSDT:1h", "binance/spot/BTCUSDT/1h"),
        ("binance.perp:BTC/USDT:USDT:1m", "binance.perp:BTCUSDT:1m", "binance/perp/BTCUSDT/1m"),
        ("okx:BTC/USDT:4h", "okx:BTC-USDT:4h", "okx/spot/BTC-USDT/4h"),
        ("okx.perp:BTC/USDT:USDT:1d", "okx.perp:BTC-USDT-SWAP:1d", "okx/perp/BTC-USDT-SWAP/1d"),
        ("bybit.spot:1000PEPEUSDT:1w", "bybit:1000PEPEUSDT:1w", "bybit/spot/1000PEPEUSDT/1w"),
        ("my_csv-2:X.Y_Z:15m", "my_csv-2:X.Y_Z:15m", "my_csv-2/spot/X.Y_Z/15m"),
    ])
    func `addresses are read in both spellings`(text: String, name: String, folder: String) throws {
        let address = try SeriesAddress(parsing: text)
        #expect(address.description == name)
        #expect(address.folder == folder)
        #expect(try SeriesAddress(parsing: name) == address)
    }

    @Test(arguments: [
        ("", SeriesAddressError.notAnAddress("")), ("BTCUSDT", .notAnAddress("BTCUSDT")),
        ("binance:BTCUSDT", .notAnAddress("binance:BTCUSDT")),
        ("binance:BTCUSDT:", .badInterval("")), ("binance:BTCUSDT:1H", .badInterval("1H")),
        ("binance:BTCUSDT:1M", .badInterval("1M")), ("binance::1h", .badSymbol("")),
        (":BTCUSDT:1h", .badExchange("")), ("bin ance:X:1h", .badExchange("bin ance")),
        ("binance.swap:X:1h", .badMarket("swap")), ("binance.:X:1h", .badMarket("")),
        ("binance:../X:1h", .badSymbol("../X")), ("binance:..:1h", .badSymbol("..")),
        ("binance:-X:1h", .badSymbol("-X")), ("..:X:1h", .badMarket(".")),
        ("binance:A B:1h", .badSymbol("A B")), ("binance:ÄUSDT:1h", .badSymbol("ÄUSDT")),
        ("binance:X\0:1h", .badSymbol("X\0")),
    ])
    func `what is wrong is named`(text: String, error: SeriesAddressError) {
        #expect(throws: error) { try SeriesAddress(parsing: text) }
        #expect(!error.reason.unicodeScalars.contains { $0.value < 0x20 })
    }

    @Test func `names are at most 64 bytes`() throws {
        let longest = String(repeating: "A", count: 64)
        #expect(try SeriesAddress(parsing: "x:\(longest):1h").symbol == longest)
        #expect(throws: SeriesAddressError.badSymbol(longest + "A")) {
            try SeriesAddress(parsing: "x:\(longest)A:1h")
        }
    }

    @Test func `the quote currency is the end of the symbol`() throws {
        for (text, quote) in [
            ("binance:BTCUSDT:1h", "USDT"), ("binance:ETHBTC:1h", "BTC"),
            ("okx.perp:BTC-USDT-SWAP:1h", "USDT"), ("x:BTC:1h", "quote"), ("x:FOO:1h", "quote"),
        ] {
            #expect(try SeriesAddress(parsing: text).quoteCurrency == quote)
        }
    }

    @Test func `every interval is found by its name`() {
        for interval in Interval.all { #expect(Interval(interval.name) == interval) }
        #expect(Interval("60m") == nil && Interval("") == nil && Interval("1M") == nil)
        #expect(Interval.all.map(\.milliseconds) == Interval.all.map(\.milliseconds).sorted())
    }

    @Test func `open times lie on the grid`() throws {
        let monday = try CivilTime.parse("2024-01-01")
        let week = try #require(Interval("1w"))
        #expect(week.isOnGrid(monday) && !week.isOnGrid(monday + millisecondsPerDay))
        #expect(week.isOnGrid(monday - 4_000 * week.milliseconds))
        for interval in Interval.all where interval.name != "1w" {
            #expect(interval.isOnGrid(0) && interval.isOnGrid(-interval.milliseconds))
            #expect(!interval.isOnGrid(1) && !interval.isOnGrid(-1))
        }
    }
}

@Test func `bars of the mark price and funding rates have addresses of their own`() throws {
    let mark = try SeriesAddress(parsing: "binance.perp:BTC/USDT:USDT:mark_1h")
    #expect(mark.description == "binance.perp:BTCUSDT:mark_1h")
    #expect(mark.folder == "binance/perp/BTCUSDT/mark_1h")
    #expect(mark.price == .mark && mark.interval.name == "1h")
    #expect(try mark != SeriesAddress(parsing: "binance.perp:BTCUSDT:1h"))
    let funding = try DatasetAddress(parsing: "okx.perp:BTC/USDT:USDT:funding")
    #expect(funding.description == "okx.perp:BTC-USDT-SWAP:funding")
    #expect(funding.folder == "okx/perp/BTC-USDT-SWAP/funding")
    #expect(try DatasetAddress(parsing: funding.description) == funding)
    #expect(try DatasetAddress(parsing: "a:B:1d").bars?.interval.name == "1d")
}

@Test(arguments: [
    ("binance:BTCUSDT:mark_1h", "BTCUSDT: only perpetuals have a mark price"),
    ("binance:BTCUSDT:funding", "BTCUSDT: only perpetuals have a mark price"),
    ("binance.perp:BTCUSDT:mark_7h", "\"mark_7h\" is not an interval"),
    ("binance.perp:../x:funding", "\"../x\" is not a symbol"),
    ("binance.margin:X:funding", "\"margin\" is not a market"),
]) func `an address that can not be is refused with its reason`(text: String, reason: String) {
    do {
        _ = try DatasetAddress(parsing: text)
        Issue.record("accepted \(text)")
    } catch {
        #expect(error.reason.hasPrefix(reason), "\(error.reason)")
    }
}

@Test func `funding rates are no bars`() {
    #expect(throws: SeriesAddressError.notBars("funding")) {
        _ = try SeriesAddress(parsing: "binance.perp:BTCUSDT:funding")
    }
}

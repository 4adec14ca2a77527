import LotCore
import Testing

/// Calendar arithmetic and the spelling of times.
struct CivilTimeTests {
    /// The calendar by its rules, one day after the other, from 1599-12-31 to 2405.
    @Test func `every day of eight centuries is the day after the one before`() {
        // 1600-01-01 is 370 years before the epoch, with 90 leap days (1600 … 1968 has 93
        // multiples of 4, less 1700, 1800 and 1900): 370 · 365 + 90 = 135,140 days.
        var (year, month, day) = (1_600, 1, 1)
        for days in -135_140..<158_875 {
            let isRight =
                CivilTime.date(days: days) == (year, month, day)
                && CivilTime.days(year: year, month: month, day: day) == days
            if !isRight { Issue.record("day \(days)") }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            day += 1
            if day > lengths[month - 1] { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
        #expect((year, month, day) == (2_404, 12, 26))
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00Z"), (1, "1970-01-01T00:00:00.001Z"),
        (-1, "1969-12-31T23:59:59.999Z"), (-86_400_000, "1969-12-31T00:00Z"),
        (1_709_164_800_000, "2024-02-29T00:00Z"), (1_704_067_199_000, "2023-12-31T23:59:59Z"),
        (-62_167_219_200_000, "0000-01-01T00:00Z"), (253_402_300_740_000, "9999-12-31T23:59Z"),
    ])
    func `times are spelt with as little as they need`(time: Int64, text: String) throws {
        #expect(CivilTime.text(time) == text)
        #expect(CivilTime.dateText(time) == text.prefix(10))
        #expect(try CivilTime.parse(text) == time)
    }

    @Test func `the largest times do not overflow`() {
        #expect(CivilTime.text(.max).hasSuffix("-08-17T07:12:55.807Z"))
        #expect(CivilTime.text(.min).hasSuffix("-05-16T16:47:04.192Z"))
    }

    @Test func `text and parse are inverse`() throws {
        var time: Int64 = -2_000_000_000_000
        while time < 4_000_000_000_000 {
            #expect(try CivilTime.parse(CivilTime.text(time)) == time)
            time += 98_765_432_123
        }
    }

    @Test(arguments: [
        "20240131T0905", "20240131T0905Z", "2024-01-31T09:05", "2024-01-31T09:05Z",
        "2024-01-31 09:05", "20240131 09:05", "2024-01-31T0905", "2024-01-31T09:05:00",
        "2024-01-31T09:05:00.000Z", "20240131T090500.000", "1706691900", "1706691900000",
    ])
    func `every accepted form means the same moment`(text: String) throws {
        // 19,753 days and 9 h 5 min: 19,753 · 86,400 + 32,700 = 1,706,691,900.
        #expect(try CivilTime.parse(text) == 1_706_691_900_000)
    }

    @Test(arguments: ["20240131", "2024-01-31", "2024-01-31T00:00", "1706659200"])
    func `a date is its first moment`(text: String) throws {
        #expect(try CivilTime.parse(text) == 1_706_659_200_000)
    }

    @Test(arguments: [
        "", "2024", "2024-01", "202401", "2024-1-31", "24-01-31", "2024/01/31", "31.01.2024",
        "2024-0131", "202401-31", "2024-01-31T", "2024-01-31T9:05", "2024-01-31T09",
        "2024-01-31T09:05:", "2024-01-31T24:00", "2024-01-31T09:60", "2024-01-31T09:05:60",
        "2024-01-31T09:05.250", "2024-01-31T09:05:30.25", "2024-01-31T09:05:30.2500",
        "2024-01-31T09:0530", "2024-01-31Z", "2024-01-31T09:05+01:00", "2024-01-31T09:05ZZ",
        "-2024-01-31", "12345678901", "170665920000", "1.7e9", " 20240131", "20240131 ", "now",
        "２０２４０１３１",
    ])
    func `other forms are refused`(text: String) {
        #expect(throws: CivilTimeError.notATime(text)) { try CivilTime.parse(text) }
    }

    @Test(arguments: [
        "2023-02-29", "2100-02-29", "2024-02-30", "2024-04-31", "2024-00-10", "2024-13-01",
        "20240100",
    ])
    func `days that no calendar has are refused`(text: String) {
        #expect(throws: CivilTimeError.noSuchDay(text)) { try CivilTime.parse(text) }
    }

    @Test(arguments: ["2000-02-29", "2024-02-29", "2400-02-29"])
    func `leap days are days`(text: String) throws {
        #expect(try CivilTime.dateText(CivilTime.parse(text)) == text)
    }

    @Test func `reasons show the text escaped`() {
        #expect(CivilTimeError.noSuchDay("2023-02-29").reason == "\"2023-02-29\": no such day")
        #expect(CivilTimeError.notATime("a\u{1b}").reason.hasPrefix("\"a\\x1b\" is not a time"))
    }
}

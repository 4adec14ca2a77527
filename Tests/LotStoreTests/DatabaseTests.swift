import Foundation
import LotCore
import LotStore
import Testing

@Suite struct DatabaseTests {
    /// A step that has shipped is never edited: add another one instead.
    @Test func `the text of each migration is what it was`() {
        let sums = DatabaseKind.all.flatMap { kind in
            kind.migrations.map { "\(kind.file) \($0.name): \(fnv($0.text))" }
        }
        #expect(
            sums == [
                "lot.db 1 backtests and series: 3f39d81bb1f554b6",
                "studies.db 1 studies: 7fdd01d4f9f7a1f2",
                "studies.db 2 rungs: b9f9f306bacabb25",
            ])
    }

    @Test func `each migration sets its number, the first one also whose file it is`() {
        for kind in DatabaseKind.all {
            for (index, migration) in kind.migrations.enumerated() {
                #expect(migration.text.hasSuffix("PRAGMA user_version = \(index + 1);"))
            }
            let first = "PRAGMA application_id = \(kind.application);"
            #expect(kind.migrations.first?.text.hasPrefix(first) == true)
        }
    }

    @Test func `a file that is no database is refused by name`() throws {
        let box = try Box()
        _ = try StudyStore.writing(box.state)
        let file = box.path("state/studies.db")
        try Data(repeating: 0x41, count: 8_192).write(to: URL(filePath: file))
        for access in [true, false] {
            let found = open(box, access)
            #expect(found?.code == .data)
            #expect(found?.subject == file)
            #expect(found?.reason.contains("no SQLite database") == true)
        }
        #expect(try Data(contentsOf: URL(filePath: file)).count == 8_192)
    }

    @Test func `a newer schema and another program's file are refused`() throws {
        let box = try Box()
        _ = try StudyStore.writing(box.state)
        let file = URL(filePath: box.path("state/studies.db"))
        let good = try Data(contentsOf: file)
        // user_version is at byte 60 of the header, application_id at 68, both big-endian
        // (https://www.sqlite.org/fileformat.html, 1.3).
        var newer = good
        newer[63] = 14
        try newer.write(to: file)
        let found = open(box, true)
        #expect(found?.code == .data)
        #expect(found?.reason == "schema 14, this lot knows 1 to 2")
        #expect(found?.hint == "upgrade lot")
        var foreign = good
        foreign[68] = 1
        try foreign.write(to: file)
        #expect(open(box, false)?.reason == "is a database of another program")
    }

    @Test func `a damaged page is found, and reading it says so`() throws {
        let box = try Box()
        let store = try StudyStore.writing(box.state)
        let study = try store.create(spec("a"), at: 0)
        let session = try store.begin(study)
        let numbers = [Double](repeating: 1, count: 64)
        try session.append(
            (0..<2_000).map { Trial(number: $0, point: numbers, loss: 1) }, at: 0)
        #expect(try store.damage() == [])
        let file = URL(filePath: store.path)
        var bytes = try Data(contentsOf: file)
        for index in stride(from: 4_096 * 40, to: 4_096 * 200, by: 4_096) {
            bytes.replaceSubrange(index..<(index + 64), with: Data(repeating: 0xa5, count: 64))
        }
        try bytes.write(to: file)
        let damaged = try #require(try StudyStore.reading(box.state))
        let lines = (try? damaged.damage()) ?? ["unreadable"]
        #expect(!lines.isEmpty)
        let found = problem { () throws(Diagnosis) in
            try damaged.forEachTrial(of: study) { _ in true }
        }
        #expect(found?.code == .data)
        #expect(found?.subject == store.path)
    }

    @Test(arguments: 0..<4)
    func `processes that make the file at once all succeed`(_ round: Int) throws {
        let box = try Box()
        let children = try (0..<6).map { index in
            try StoreChild(["create", box.state.path, "p\(index)", "20"])
        }
        for child in children {
            #expect(child.rest() == [])
            #expect(child.code == 0)
        }
        let store = try #require(try StudyStore.reading(box.state))
        #expect(try store.list().count == 120)
    }

    private func open(_ box: Box, _ writes: Bool) -> Diagnosis? {
        problem { () throws(Diagnosis) in
            if writes {
                _ = try StudyStore.writing(box.state)
            } else {
                _ = try StudyStore.reading(box.state)
            }
        }
    }

    /// FNV-1a of the text's bytes, 64 bits.
    private func fnv(_ text: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }
}

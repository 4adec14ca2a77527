import Foundation
import LotCore
import LotData
import LotReport
import LotTestSupport
import Testing

@testable import LotCommands

/// How a run's folder is written: whole, by one at a time, and nothing else is touched.
@Suite final class OutputFolderTests {
    private let home = FileManager.default.temporaryDirectory
        .appending(path: "lot-output-\(UUID().uuidString)")
    private let result = SyntheticRun.result(bars: 50)

    init() throws {
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: home) }

    /// The files of a run; another seed makes it another run.
    private func run(
        seed: UInt64 = 0, script: String = "s.lua", page: Bool = false
    ) -> RunFolder {
        var result = result
        result.settings.seed = seed
        result.strategy.file = script
        result.strategy.hashes = [script: sha256Hex([UInt8(truncatingIfNeeded: seed)])]
        return RunFolder.render(
            result, sources: [script: [UInt8(truncatingIfNeeded: seed)]], report: page,
            gnuplot: nil, hash: sha256Hex)
    }

    private func path(_ name: String) -> String { home.appending(path: name).path }

    /// Every file and folder below the folder, with the bytes.
    private func tree() throws -> [String: Data] {
        var tree: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: home.path) {
            tree[name] = FileManager.default.contents(atPath: path(name)) ?? Data()
        }
        return tree
    }

    private func problem(_ body: () throws -> Void) -> Diagnosis? {
        do { try body() } catch let error as Diagnosis { return error } catch {}
        return nil
    }

    /// A run that cannot be written: no file has so long a name, and it comes after the results.
    private var unwritable: RunFolder {
        run(script: String(repeating: "x", count: 300) + ".lua")
    }

    @Test func `a run that cannot be written leaves no folder`() throws {
        for syncs in [true, false] {
            let error = problem {
                try OutputFolder(path("a/b/run"), isOwn: true).write(unwritable, syncs: syncs)
            }
            #expect(error?.code == .cannotCreate)
            #expect(try tree().isEmpty)
        }
    }

    @Test func `a run that cannot be written leaves the one before it as it was`() throws {
        let folder = OutputFolder(path("run"), isOwn: false)
        try folder.write(run(seed: 1, page: true))
        let before = try tree()
        #expect(problem { try folder.write(unwritable) } != nil)
        #expect(try tree() == before)
    }

    @Test func `any number of writers of one run succeed`() throws {
        let (run, place) = (run(page: true), path("run"))
        try OutputFolder(path("alone"), isOwn: true).write(run)
        let failures = Failures()
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            do {
                try OutputFolder(place, isOwn: true).write(run, syncs: false)
            } catch {
                failures.add("\(error)")
            }
        }
        #expect(failures.all == [])
        let tree = try tree()
        let names = tree.keys.filter { $0.hasPrefix("run/") }.map { String($0.dropFirst(4)) }
        #expect(
            Set(names)
                == Set(tree.keys.filter { $0.hasPrefix("alone/") }.map { String($0.dropFirst(6)) }))
        for name in names { #expect(tree["run/" + name] == tree["alone/" + name], "\(name)") }
    }

    @Test func `another run with the same name below reports is refused, not written over`() throws
    {
        let folder = OutputFolder(path("run"), isOwn: true)
        try folder.write(run(seed: 1))
        let before = try tree()
        let error = problem { try folder.write(run(seed: 2)) }
        #expect(error?.code == .cannotCreate)
        #expect(error?.message.contains("another run") == true)
        #expect(try tree() == before)
    }

    @Test func `a folder that the user named holds nothing of the run before`() throws {
        let folder = OutputFolder(path("run"), isOwn: false)
        try folder.write(run(seed: 1, script: "old.lua", page: true))
        try Data([1]).write(to: home.appending(path: "run/note.txt"))
        try folder.write(run(seed: 2, script: "new.lua"))
        let names = try tree().keys.filter { $0.hasPrefix("run/") }.sorted()
        #expect(
            names.map { $0.dropFirst(4) } == [
                "breakdown.csv", "equity.csv", "manifest.json", "note.txt", "orders.csv",
                "result.json", "strategy", "strategy/new.lua", "summary.txt", "trades.csv",
            ])
        #expect(try StoredRun(path("run")).damage().isEmpty)
    }

    @Test func `the page of the same run stays, unless it is not what was drawn`() throws {
        let folder = OutputFolder(path("run"), isOwn: true)
        try folder.write(run(page: true))
        let drawn = try tree()
        try folder.write(run())
        #expect(try tree() == drawn)
        try Data([1]).write(to: home.appending(path: "run/report.html"))
        #expect(try StoredRun(path("run")).damage().map(\.name) == ["report.html"])
        try folder.write(run())
        #expect(try tree()["run/report.html"] == nil)
        #expect(try StoredRun(path("run")).damage().isEmpty)
        // One that nobody vouches for is named.
        try Data([1]).write(to: home.appending(path: "run/report.html"))
        #expect(try StoredRun(path("run")).damage().map(\.name) == ["report.html"])
    }

    @Test func `what a killed process left is removed, and its folder is a run's`() throws {
        let left = home.appending(path: "run/.writing-\(getpid())-0/strategy")
        try FileManager.default.createDirectory(at: left, withIntermediateDirectories: true)
        try Data([1]).write(to: left.appending(path: "s.lua"))
        // Killed among its renames.
        try Data([1]).write(to: home.appending(path: "run/result.json"))
        try OutputFolder(path("run"), isOwn: false).write(run())
        #expect(try tree().keys.filter { $0.contains(".writing") } == [])
        #expect(try StoredRun(path("run")).damage().isEmpty)
    }

    @Test func `files of another kind in a folder that the user named are left alone`() throws {
        try FileManager.default.createDirectory(
            at: home.appending(path: "run"), withIntermediateDirectories: true)
        try Data([1]).write(to: home.appending(path: "run/result.json"))
        let error = problem { try OutputFolder(path("run"), isOwn: false).write(run()) }
        #expect(error?.code == .cannotCreate)
        #expect(try tree()["run/result.json"] == Data([1]))
    }

    @Test func `a file that a killed process of the same number left is passed over`() throws {
        for number in 0..<2 {
            try Data([1]).write(to: home.appending(path: ".new-\(getpid())-\(number)"))
        }
        try NewFile.write(path("a.toml"), "a")
        try NewFile.replace(path("a.toml"), "b")
        var file = try StreamedFile(path("trials.csv"))
        // One beside another is another one.
        var other = try StreamedFile(path("other.csv"))
        try file.append([1])
        try other.append([2])
        try other.finish()
        try file.finish()
        let tree = try tree()
        #expect(tree["a.toml"] == Data("b".utf8))
        #expect(tree["trials.csv"] == Data([1]) && tree["other.csv"] == Data([2]))
        #expect(tree.count == 5)
    }
}

/// What went wrong on any thread.
private final class Failures: @unchecked Sendable {
    private let lock = NSLock()
    private var texts: [String] = []

    func add(_ text: String) { lock.withLock { texts.append(text) } }
    var all: [String] { lock.withLock { texts } }
}

import Foundation
import LotCore
import Testing

@testable import LotCommands

@Suite struct CommandWordsTests {
    @Test(arguments: [
        ("optimize s.lua -j2", "optimize s.lua -j 2"), ("-j12 -q", "-j 12 -q"),
        ("--trials -5", "--trials=-5"), ("--fee -.5 -v", "--fee=-.5 -v"), ("-j -2", "-j=-2"),
        ("--parameter shift -5 5 1", "--parameter shift_-5_5_1"),
        (
            "--parameter fast 5 50 shift -5 -1 --trials 9",
            "--parameter fast_5_50_shift_-5_-1"
                + " --trials 9"
        ),
        // What is well as it is.
        ("--parameter fast 5 50 5 --quiet", "--parameter fast 5 50 5 --quiet"),
        ("--parameter=shift -5", "--parameter=shift -5"), ("x -5", "x -5"), ("-5 -6", "-5 -6"),
        ("--sbatch-arg -j2", "--sbatch-arg -j2"), ("-jx -j -joy", "-jx -j -joy"),
        ("--trials - -5", "--trials - -5"), ("-- --trials -5 -j2", "-- --trials -5 -j2"),
        ("--trials=1 -5", "--trials=1 -5"), ("--parameter", "--parameter"),
    ])
    func `numbers reach the flag that they follow`(_ typed: String, _ read: String) {
        let words = CommandWords.normalised(typed.split(separator: " ").map(String.init))
        #expect(words.map { $0.replacing(" ", with: "_") }.joined(separator: " ") == read)
        #expect(CommandWords.normalised(words) == words)
    }

    @Test func `options are left out with their values, up to two dashes`() {
        let words = ["a", "--x", "1", "--x=2", "--y", "--z", "--", "--x", "--y"]
        #expect(
            CommandWords.without(words, valued: ["--x"], flags: ["--y"])
                == ["a", "--z", "--", "--x", "--y"])
        #expect(
            CommandWords.without(["--y", "--x", "5", "--", "--x"], valued: ["--x"], flags: ["--y"])
                == ["--", "--x"])
        #expect(CommandWords.without(["b", "--x"], valued: ["--x"]) == ["b"])
    }
}

@Suite struct WriteProbeTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/lot-\(UUID().uuidString)"

    private func names() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
    }

    @Test func `a probe leaves the folders it made, and takes back those that are empty`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(
            atPath: folder + "/old", withIntermediateDirectories: true)
        var probe = WriteProbe()
        try probe.check(folder: folder + "/old/a/b", hint: "h")
        try probe.check(file: folder + "/old/c/x.xml", hint: "h")
        #expect(try names() == ["old", "old/a", "old/a/b", "old/c"])
        try Data().write(to: URL(filePath: folder + "/old/c/x.xml"))
        probe.takeBack()
        #expect(try names() == ["old", "old/c", "old/c/x.xml"])
    }

    @Test func `what is in the way is named, with what to do`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        try Data().write(to: URL(filePath: folder + "/x"))
        let found = #expect(throws: Diagnosis.self) {
            var probe = WriteProbe()
            try probe.check(folder: folder + "/x/y", hint: "move it")
        }
        #expect(found?.code == .cannotCreate)
        #expect(found?.subject == "folder \(folder)/x")
        #expect(found?.hint == "move it")
        // As root, too: there the kernel lets nobody make a file.
        let kernel = #expect(throws: Diagnosis.self) {
            var probe = WriteProbe()
            try probe.check(folder: "/proc/lot", hint: "elsewhere")
        }
        #expect(kernel?.code == .cannotCreate && kernel?.subject == "folder /proc/lot")
    }
}

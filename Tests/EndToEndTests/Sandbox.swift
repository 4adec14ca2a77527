import Foundation

/// A fresh temporary folder, deleted with the value.
final class Sandbox: Sendable {
    /// The folder.
    let folder: URL

    private let isKept: Bool

    /// Makes a folder that holds nothing but an empty `home/`.
    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appending(path: "lot-e2e-\(UUID().uuidString)").resolvingSymlinksInPath()
        isKept = false
        try FileManager.default.createDirectory(
            at: folder.appending(path: "home"), withIntermediateDirectories: true)
    }

    /// Makes `name` in the build folder an empty folder; it stays there until the next run.
    ///
    /// For what lives as long as the process, whose values are never released.
    init(inBuildFolder name: String) throws {
        folder = Package.root.appending(path: ".build/e2e/\(name)")
        isKept = true
        if FileManager.default.fileExists(atPath: folder.path) {
            try FileManager.default.removeItem(at: folder)
        }
        try FileManager.default.createDirectory(
            at: folder.appending(path: "home"), withIntermediateDirectories: true)
    }

    deinit {
        if !isKept, ProcessInfo.processInfo.environment["LOT_KEEP"] == nil {
            try? FileManager.default.removeItem(at: folder)
        }
    }

    /// A path inside the folder.
    func path(_ name: String) -> String { folder.appending(path: name).path }

    /// Writes a file, and the folders above it.
    func write(_ name: String, _ bytes: some Sequence<UInt8>) throws {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }

    /// Writes a text file.
    func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

    /// Copies a folder to `name`, in the place of what is there.
    func copy(_ source: URL, to name: String) throws {
        try? FileManager.default.removeItem(at: folder.appending(path: name))
        try FileManager.default.copyItem(at: source, to: folder.appending(path: name))
    }

    /// Every file below the folder, by relative path, with its bytes.
    ///
    /// An empty `.lock` file is left out: it holds nothing, its flock is what says "one writer".
    func tree(_ name: String = "") throws -> [String: Data] {
        let top = name.isEmpty ? folder : folder.appending(path: name)
        let manager = FileManager.default
        guard manager.fileExists(atPath: top.path) else { return [:] }
        var files: [String: Data] = [:]
        for path in try manager.subpathsOfDirectory(atPath: top.path) {
            let file = top.appending(path: path)
            let kind = try manager.attributesOfItem(atPath: file.path)[.type]
            guard kind as? FileAttributeType != .typeDirectory else { continue }
            let bytes = try Data(contentsOf: file)
            if path.hasSuffix(".lock"), bytes.isEmpty { continue }
            files[path] = bytes
        }
        return files
    }

    /// The one file called `name` below the folder.
    func find(_ name: String) throws -> URL {
        let all = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        let found = all.filter { $0 == name || $0.hasSuffix("/" + name) }
        guard found.count == 1 else {
            throw HarnessError(
                description: "expected one \(name) below \(folder.path), found \(found.sorted())"
                    + " among \(all.sorted())")
        }
        return folder.appending(path: found[0])
    }
}

/// Says in which files two trees differ; empty if in none.
func differences(_ before: [String: Data], _ after: [String: Data]) -> [String] {
    Set(before.keys).union(after.keys).sorted().compactMap { path in
        switch (before[path], after[path]) {
        case (let old?, let new?): old == new ? nil : "changed: \(path)"
        case (nil, _): "new: \(path)"
        case (_, nil): "gone: \(path)"
        }
    }
}

/// The text without commas, so that `37,223` and `37223` read the same.
func ungrouped(_ text: String) -> String { text.replacing(",", with: "") }

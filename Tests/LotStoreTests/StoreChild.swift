import Foundation
import LotCore
import LotStore
import Testing

/// A fresh folder below the temporary one, deleted with the value.
final class Box: Sendable {
    let folder = FileManager.default.temporaryDirectory
        .appending(path: "lot-store-\(UUID().uuidString)").resolvingSymlinksInPath()

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    /// A state folder that is not there yet.
    var state: StateFolder { StateFolder(path: path("state"), source: "LOT_STATE") }

    func mode(_ name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path(name))
        return try #require(attributes[.posixPermissions] as? Int)
    }
}

/// A second process on the same folder: `store-child`.
final class StoreChild {
    let process = Process()
    private let output = Pipe()
    private let input = Pipe()

    init(_ arguments: [String], limit: Int? = nil) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        // The tests and the program are built into the same folder.
        let builds = [Bundle.main.bundleURL, root.appending(path: ".build/debug")]
        let program = try #require(
            builds.map { $0.appending(path: "store-child").path }
                .first { FileManager.default.isExecutableFile(atPath: $0) })
        process.executableURL = URL(filePath: "/bin/sh")
        let bound = limit.map { "ulimit -f \($0); " } ?? ""
        process.arguments = ["-c", bound + #"exec "$0" "$@""#, program] + arguments
        process.standardOutput = output
        process.standardInput = input
        try process.run()
    }

    /// Its next line; `nil` at the end.
    func line() -> String? {
        var bytes: [UInt8] = []
        while let byte = try? output.fileHandleForReading.read(upToCount: 1)?.first {
            if byte == 0x0a { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// Kills it as nothing can catch, and returns what it still said.
    func kill() -> [String] {
        Foundation.kill(process.processIdentifier, SIGKILL)
        return rest()
    }

    /// Waits for its end; the lines it wrote till then.
    func rest() -> [String] {
        var lines: [String] = []
        while let line = line() { lines.append(line) }
        process.waitUntilExit()
        return lines
    }

    var code: Int32 { process.terminationStatus }
}

/// A study as the tests make them.
func spec(_ name: String, script: String = "s", data: String = "d") -> StudySpec {
    StudySpec(
        name: name, identity: "i", scriptHash: script, dataIdentity: data, engineVersion: "0",
        json: #"{"sampler":"grid"}"#, planned: 100)
}

/// What `body` throws.
func problem(_ body: () throws(Diagnosis) -> Void) -> Diagnosis? {
    do throws(Diagnosis) {
        try body()
        return nil
    } catch {
        return error
    }
}

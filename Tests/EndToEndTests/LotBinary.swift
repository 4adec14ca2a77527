import Foundation
import LotTestSupport
import Testing

/// What the tests know of the package's folders, found from this file.
enum Package {
    /// The folder of `Package.swift`.
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// This test target's folder.
    static let tests = root.appending(path: "Tests/EndToEndTests")

    /// Real klines, beside the package or in `LOT_SHARED`; `nil` where there are none.
    static let shared: URL? = {
        let named = ProcessInfo.processInfo.environment["LOT_SHARED"].map { URL(filePath: $0) }
        let folder = named ?? root.deletingLastPathComponent().appending(path: "shared")
        let probe = folder.appending(path: "data/binance-vision")
        return FileManager.default.fileExists(atPath: probe.path) ? folder : nil
    }()

    /// A strategy of `Fixtures/`, by its name without `.lua`.
    static func fixture(_ name: String) -> String {
        tests.appending(path: "Fixtures/\(name).lua").path
    }

    /// What in a `result.json` does not keep to the published schema.
    static func schemaProblems(_ result: some Sequence<UInt8>) throws -> [String] {
        let schema = try Data(contentsOf: root.appending(path: "docs/result.schema.json"))
        return SchemaValidator(try JSONDocument(schema)).problems(try JSONDocument(result))
    }
}

/// Why a test could not run the program.
struct HarnessError: Error, CustomStringConvertible {
    let description: String
}

/// What a run of the program gave.
struct Outcome: Sendable {
    /// The command as one would type it, with its folder.
    var command: String
    /// The exit code; 128 + n after signal n.
    var code: Int32
    /// Everything it wrote to standard output.
    var out: String
    /// Everything it wrote to standard error.
    var err: String

    /// All of it, for the message of a failed expectation.
    var comment: Comment {
        Comment(
            rawValue: """
                command: \(command)
                exit code: \(code)
                --- stdout (\(out.utf8.count) bytes)
                \(out.count > 8_000 ? out.prefix(8_000) + "…" : out)
                --- stderr (\(err.utf8.count) bytes)
                \(err)
                ---
                """)
    }

    /// Standard output as one JSON object.
    func json() throws -> [String: Any] {
        let value = try? JSONSerialization.jsonObject(with: Data(out.utf8))
        guard let object = value as? [String: Any] else {
            throw HarnessError(description: "stdout is not one JSON object\n\(comment)")
        }
        return object
    }
}

/// The built program.
enum LotBinary {
    /// The program: `LOT_BINARY`, else the release build, else the debug build.
    static let path: Result<String, HarnessError> = {
        if let named = ProcessInfo.processInfo.environment["LOT_BINARY"] {
            return FileManager.default.isExecutableFile(atPath: named)
                ? .success(named)
                : .failure(HarnessError(description: "LOT_BINARY=\(named): no such program"))
        }
        let builds = [".build/release/lot", ".build/debug/lot"]
        for build in builds {
            let file = Package.root.appending(path: build).path
            if FileManager.default.isExecutableFile(atPath: file) { return .success(file) }
        }
        return .failure(
            HarnessError(
                description: "no program to test (\(builds.joined(separator: ", "))); run "
                    + "`make build` first, or set LOT_BINARY"))
    }()

    /// Runs the program in `box` with an environment of a few fixed variables.
    ///
    /// - Parameters:
    ///   - arguments: As given on the command line.
    ///   - box: Its current folder.
    ///   - environment: Variables besides the fixed ones.
    ///   - timeout: Seconds after which it is killed, and the test fails.
    /// - Returns: What it wrote, and its exit code.
    /// - Throws: If there is no program, or it did not end in time.
    static func run(
        _ arguments: [String], in box: Sandbox, environment: [String: String] = [:],
        timeout: Double = 180
    ) throws -> Outcome {
        try spawn(try path.get(), arguments, in: box, environment, timeout)
    }

    /// Runs the program through `/bin/sh`, where `script` uses `"$0" "$@"` for it.
    static func shell(
        _ script: String, _ arguments: [String], in box: Sandbox, timeout: Double = 180
    ) throws -> Outcome {
        try spawn("/bin/sh", ["-c", script, try path.get()] + arguments, in: box, [:], timeout)
    }

    private static func spawn(
        _ program: String, _ arguments: [String], in box: Sandbox,
        _ environment: [String: String], _ timeout: Double
    ) throws -> Outcome {
        let capture = try Sandbox()
        let files = ["out", "err"].map { capture.folder.appending(path: $0) }
        for file in files { try Data().write(to: file) }
        let process = process(program, arguments, in: box, environment)
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        let words = [program] + arguments
        let command = "cd \(box.folder.path) && " + words.map(quoted).joined(separator: " ")
        try process.run()
        let deadline = Date(timeIntervalSinceNow: timeout)
        while process.isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.003) }
        let isLate = process.isRunning
        if isLate { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
        let isKilled = process.terminationReason == .uncaughtSignal
        let outcome = Outcome(
            command: command, code: process.terminationStatus + (isKilled ? 128 : 0),
            out: texts[0], err: texts[1])
        guard !isLate else {
            throw HarnessError(description: "still running after \(timeout) s\n\(outcome.comment)")
        }
        return outcome
    }

    /// Starts the program; nobody reads what it writes.
    static func start(_ arguments: [String], in box: Sandbox) throws -> Process {
        let process = process(try path.get(), arguments, in: box, [:])
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private static func process(
        _ program: String, _ arguments: [String], in box: Sandbox,
        _ environment: [String: String]
    ) -> Process {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.currentDirectoryURL = box.folder
        let fixed = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": box.folder.path, "LANG": "C.UTF-8",
            "TZ": "UTC", "COLUMNS": "100",
        ]
        process.environment = fixed.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        return process
    }

    private static func quoted(_ word: String) -> String {
        let plain = word.allSatisfy { $0.isLetter || $0.isNumber || "-_./:=,%".contains($0) }
        return plain && !word.isEmpty
            ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
    }
}

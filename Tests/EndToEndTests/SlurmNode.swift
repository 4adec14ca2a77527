import Foundation

/// A real Slurm of one node on loopback that lives as long as the value: `Fixtures/slurm-node`.
///
/// Its script ends when its standard input does, so that nothing outlives the tests, not even
/// tests that are killed.
final class SlurmNode {
    /// What Debian's packages slurm-wlm and munge bring.
    static let isInstalled: Bool = {
        let folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
        return ["slurmctld", "slurmd", "sbatch", "munged", "mungekey"].allSatisfy { name in
            folders.contains { FileManager.default.isExecutableFile(atPath: $0 + "/" + name) }
        }
    }()

    private let box = try? Sandbox()
    private let process = Process()
    private let input = Pipe()

    /// What `SLURM_CONF` must say.
    var configuration: String { box?.path("slurm.conf") ?? "" }

    /// Starts it and waits until jobs can be submitted.
    init() throws {
        guard let box else { throw HarnessError(description: "no temporary folder") }
        let log = box.folder.appending(path: "node.log")
        try Data().write(to: log)
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = [
            Package.tests.appending(path: "Fixtures/slurm-node").path, box.folder.path,
        ]
        process.standardInput = input
        let output = try FileHandle(forWritingTo: log)
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let deadline = Date(timeIntervalSinceNow: 180)
        while !FileManager.default.fileExists(atPath: box.path("ready")) {
            guard process.isRunning, Date() < deadline else {
                stop()
                let text = try String(contentsOf: log, encoding: .utf8)
                throw HarnessError(description: "Slurm does not start\n\(text)")
            }
            Thread.sleep(forTimeInterval: 0.05)
        }
    }

    deinit { stop() }

    private func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}

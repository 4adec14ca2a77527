import Foundation
import Testing

/// A study as `lot optimize list` shows it.
struct ListedStudy {
    let status: String
    /// Trials that are stored.
    let trials: Int
    /// Trials that were asked for, of all searches.
    let planned: Int

    /// The study of a name; `nil` if there is none.
    init?(_ name: String, in box: Sandbox) throws {
        let list = try LotBinary.run(["optimize", "list", "--format", "csv"], in: box)
        guard list.code == 0 else {
            throw HarnessError(description: "no list of studies\n\(list.comment)")
        }
        let rows = list.out.split(whereSeparator: \.isNewline).dropFirst()
            .map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        guard let row = rows.first(where: { $0[1] == name }) else { return nil }
        guard let trials = Int(row[3]), let planned = Int(row[4]) else {
            throw HarnessError(description: "no counts in \(row)")
        }
        status = String(row[2])
        self.trials = trials
        self.planned = planned
    }

    /// Whether it was begun, has something that is worth keeping, and is not at its end.
    var isInTheMiddle: Bool { status == "running" && trials > 0 && trials < planned }
}

extension LotBinary {
    /// Runs a study and kills it without warning (SIGKILL) as soon as a batch of it is stored.
    ///
    /// - Parameters:
    ///   - arguments: A study that takes a second or more, by the name in `study`.
    ///   - study: Its name.
    ///   - box: Its current folder.
    /// - Returns: What the database has of it then.
    /// - Throws: If it ended by itself, which proves nothing.
    static func killed(
        _ arguments: [String], study: String, in box: Sandbox
    ) throws -> ListedStudy {
        let process = try start(arguments, in: box)
        let deadline = Date(timeIntervalSinceNow: 120)
        while process.isRunning, Date() < deadline {
            if let listed = try ListedStudy(study, in: box), listed.trials > 0 { break }
            Thread.sleep(forTimeInterval: 0.003)
        }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        guard process.terminationReason == .uncaughtSignal, process.terminationStatus == SIGKILL,
            let listed = try ListedStudy(study, in: box)
        else {
            throw HarnessError(
                description: "ended by itself with \(process.terminationStatus): \(arguments)")
        }
        return listed
    }
}

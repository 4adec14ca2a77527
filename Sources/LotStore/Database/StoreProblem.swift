internal import GRDB
import LotCore

extension DatabaseError {
    /// Whether a connection that may not write met a transaction that a killed writer left.
    var isUnfinished: Bool {
        extendedResultCode == .SQLITE_READONLY_ROLLBACK
            || extendedResultCode == .SQLITE_READONLY_RECOVERY
            || extendedResultCode == .SQLITE_READONLY_CANTINIT
    }
}

extension StoreDatabase {
    /// What an error of SQLite or of the file system means for the user.
    static func diagnosis(
        _ error: any Error, _ path: String, waited: Double = busySeconds
    ) -> Diagnosis {
        let subject = subject(path)
        switch error {
        case let error as Diagnosis: return error
        case let error as StateError: return error.diagnosis(subject, doing: "opening")
        case let error as DatabaseError:
            let problem = Problem(error, waited)
            return Diagnosis(
                problem.exit, kind: "database." + problem.name, subject: subject,
                reason: problem.reason, hint: problem.hint)
        default:
            return Diagnosis(
                .internalError, kind: "database.unknown", subject: subject,
                reason: escaped("\(error)", limit: 200))
        }
    }

    /// A result code in words.
    private struct Problem {
        let exit: ExitCode
        let name: String
        let reason: String
        let hint: String?

        init(
            _ exit: ExitCode, _ name: String, _ reason: String, _ hint: String? = nil
        ) {
            self.exit = exit
            self.name = name
            self.reason = reason
            self.hint = hint
        }

        init(_ error: DatabaseError, _ waited: Double) {
            let code = error.extendedResultCode.rawValue
            switch error.resultCode {
            case .SQLITE_NOTADB:
                self.init(
                    .data, "foreign", "is no SQLite database, or an encrypted one",
                    "move it away, lot makes a new one; or restore a backup")
            case .SQLITE_CORRUPT, .SQLITE_FORMAT:
                self.init(
                    .data, "damaged", "is damaged (\(escaped(error.message ?? "", limit: 120)))",
                    "restore a backup, or move it away; docs/operations.md tells how to rescue it")
            case .SQLITE_FULL:
                self.init(.io, "full", "the disk is full", "free some space and run again")
            case .SQLITE_IOERR:
                self.init(
                    .io, "device", "reading or writing failed (SQLite's code \(code))",
                    "check the disk, its free space and the limit of file sizes (ulimit -f)")
            case .SQLITE_BUSY, .SQLITE_LOCKED:
                self.init(
                    .tryLater, "busy",
                    "another process has kept it locked for \(Int(waited)) seconds",
                    "wait until it is done and run again")
            case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
                self.init(
                    .permission, "readonly", "cannot be written",
                    "check the owner and mode of the file and its folder")
            case .SQLITE_CANTOPEN:
                self.init(
                    .cannotCreate, "open", "cannot be opened",
                    "check the owner and mode of the file and its folder")
            case .SQLITE_NOMEM: self.init(.tryLater, "memory", "not enough memory")
            default:
                self.init(
                    .internalError, "unexpected",
                    "SQLite's code \(code): \(escaped(error.message ?? "", limit: 120))")
            }
        }
    }
}

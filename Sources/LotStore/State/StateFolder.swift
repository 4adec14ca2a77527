public import LotCore

/// The folder of what belongs to a user and not to a workspace: databases, locks.
///
/// `LOT_STATE`, else `$XDG_STATE_HOME/lot`, else `~/.local/state/lot`. Only its owner can look
/// inside: it is made with mode 0700, and one that others can enter is refused, as ssh does with
/// its keys. It lies on a local disk: the locks that SQLite lives by are not safe over a network.
public struct StateFolder: Sendable, Hashable {
    /// Its absolute path.
    public let path: String
    /// What named it, for messages: `LOT_STATE`, `XDG_STATE_HOME`, `HOME`.
    public let source: String

    /// Names a folder; nothing is opened or created.
    public init(path: String, source: String) {
        self.path = path
        self.source = source
    }

    /// The folder that the environment names; nothing is opened or created.
    ///
    /// An empty variable is one that is not set.
    /// - Parameter environment: The value of a variable, `nil` if it is not set.
    /// - Returns: The first that one of the three variables names.
    /// - Throws: 78 where the path is relative, or no variable names one.
    public static func named(
        by environment: (String) -> String?
    ) throws(Diagnosis) -> StateFolder {
        for (name, suffix) in [
            ("LOT_STATE", ""), ("XDG_STATE_HOME", "/lot"), ("HOME", "/.local/state/lot"),
        ] {
            guard let value = environment(name), !value.isEmpty else { continue }
            guard value.hasPrefix("/") else {
                throw Diagnosis(
                    .config, kind: "state.relative",
                    subject: "\(name)=\(escaped(value, limit: 256))", reason: "must be absolute",
                    hint: "give the whole path of the folder")
            }
            var path = value
            while path.count > 1, path.hasSuffix("/") { path.removeLast() }
            return StateFolder(path: (path == "/" ? "" : path) + suffix, source: name)
        }
        throw Diagnosis(
            .config, kind: "state.unnamed", subject: "the state folder",
            reason: "neither LOT_STATE nor XDG_STATE_HOME nor HOME is set",
            hint: "set LOT_STATE to a folder on a local disk")
    }

    /// The path of a file in it.
    public func file(_ name: String) -> String { path + "/" + name }

    /// As messages name it.
    var subject: String { escaped(path, limit: 512) }

    /// Whether the folder is there; its mode and its file system are checked if it is.
    ///
    /// - Throws: 77 where others can enter it or own it, 78 on a network file system, 73 where it
    ///   is no folder.
    public func exists() throws(Diagnosis) -> Bool {
        let status: PlaceStatus
        do throws(StateError) {
            status = try StateFiles.status(path)
        } catch {
            guard error.isMissing else { throw error.diagnosis(subject, doing: "opening") }
            return false
        }
        try check(status)
        return true
    }

    /// Makes the folder, parents included, where it is missing, and checks it.
    ///
    /// - Throws: As ``exists()``; 73, 74 or 77 if it cannot be made.
    public func create() throws(Diagnosis) {
        if try exists() { return }
        var made = ""
        for part in path.split(separator: "/") {
            made += "/" + part
            do throws(StateError) {
                try StateFiles.makeFolder(made)
            } catch {
                guard error.isThere else { throw error.diagnosis(subject, doing: "making it") }
            }
        }
        guard try exists() else {
            throw StateError(code: StateError.missing).diagnosis(subject, doing: "making it")
        }
    }

    func check(_ status: PlaceStatus) throws(Diagnosis) {
        guard status.isFolder else {
            throw Diagnosis(
                .cannotCreate, kind: "state.folder", subject: subject, reason: "is not a folder",
                hint: "\(source) names another")
        }
        if let name = status.networkFileSystem {
            throw Diagnosis(
                .config, kind: "state.network", subject: subject,
                reason: "is on \(name), where SQLite's locks are unsafe",
                hint: "set LOT_STATE to a folder on a local disk")
        }
        guard status.isOwn else {
            throw Diagnosis(
                .permission, kind: "state.owner", subject: subject,
                reason: "belongs to another user (id \(status.owner))",
                hint: "set LOT_STATE to a folder of your own")
        }
        guard status.mode & 0o077 == 0 else {
            throw Diagnosis(
                .permission, kind: "state.mode", subject: subject,
                reason: "others can enter it (mode 0\(String(status.mode & 0o777, radix: 8)))",
                hint: "chmod 700 it")
        }
    }
}

import LotCore
import LotReport
import LotStore

/// The folders and the file that a command line works with, and who named them.
struct ConfigPlaces {
    /// A place.
    struct Line {
        let name: String
        /// Its path; `nil` if there is none.
        let path: String?
        let origin: SettingOrigin
        /// Why it cannot be used; `nil` if nothing is known to be wrong.
        var problem: String?

        /// What stands in a table for the path.
        var value: String { path ?? "none" }

        /// What stands in a table for who named it.
        var label: String { origin.label + (problem.map { ": " + $0 } ?? "") }

        func write(into json: inout JSONWriter) {
            field(&json, "name", name)
            field(&json, "path", path)
            field(&json, "origin", origin.kind)
            if origin != .builtIn { field(&json, "place", origin.text) }
            field(&json, "problem", problem)
        }
    }

    /// The workspace, the configuration file, the state folder.
    let lines: [Line]
    /// The path of the configuration file; `nil` if there is none.
    let file: String?

    /// The places of a command line.
    ///
    /// - Throws: 66 if the file that `--config` names is not there.
    init(_ arguments: [String]) throws(Diagnosis) {
        file = try ConfigPlace.file(arguments)
        lines = [
            ConfigPlaces.workspace(arguments),
            Line(
                name: "file", path: file,
                origin: ConfigPlace.value("--config", arguments) == nil
                    ? .builtIn : .flag(name: "--config")),
            ConfigPlaces.state(),
        ]
    }

    private static func workspace(_ arguments: [String]) -> Line {
        let home = ConfigPlace.value("--home", arguments)
        var line = Line(name: "workspace", path: ".", origin: .builtIn)
        if let home {
            line = Line(name: "workspace", path: home, origin: .flag(name: "--home"))
        } else if let home = Environment.value("LOT_HOME"), !home.isEmpty {
            line = Line(name: "workspace", path: home, origin: .environment(name: "LOT_HOME"))
        }
        do throws(Diagnosis) {
            _ = try GlobalOptions.workspace(home: home)
        } catch {
            line.problem = ConfigPlaces.reason(error)
        }
        return line
    }

    private static func reason(_ problem: Diagnosis) -> String {
        problem.reason + (problem.hint.map { "; " + $0 } ?? "")
    }

    private static func state() -> Line {
        var line = Line(name: "state", path: nil, origin: .builtIn)
        do throws(Diagnosis) {
            let folder = try StudyBook.folder()
            line = Line(
                name: "state", path: folder.path,
                origin: folder.source == "HOME" ? .builtIn : .environment(name: folder.source))
            _ = try folder.exists()
        } catch {
            line.problem = ConfigPlaces.reason(error)
        }
        return line
    }
}

extension SettingOrigin {
    /// As tables show it.
    var label: String {
        switch self {
        case .builtIn: "default"
        case .strategy, .file, .flag: text
        case .environment: "environment \(text)"
        }
    }
}

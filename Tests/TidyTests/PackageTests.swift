import Foundation
import Testing

/// `Package.swift` declares exactly what is imported, and `architecture.md` says the same.
@Suite struct PackageTests {
    /// What a target of `Package.swift` is made of.
    private struct Target {
        var name: String
        var folder: String
        var dependencies: Set<String>
    }

    /// Programs that a test starts: they are built for it and never imported.
    private static let started: Set<String> = ["store-child"]

    @Test func `a target declares exactly what it imports`() throws {
        let targets = try targets()
        #expect(targets.count > 25)
        let modules = targets.reduce(into: Set<String>()) { names, target in
            names.insert(target.name)
            names.formUnion(target.dependencies)
        }
        for target in targets {
            let files = SourceTree.files(below: [target.folder], ["swift"])
            guard !files.isEmpty else { continue }
            let imported = Set(files.flatMap { $0.lines.compactMap(module) })
            #expect(
                imported.intersection(modules)
                    == target.dependencies.subtracting(PackageTests.started), "\(target.name)")
        }
    }

    @Test func `a library imports only what stands on a lower line of the table`() throws {
        let targets = try targets()
        let rows = try table()
        for row in rows where row.imports != "all" {
            let named = row.imports.split(separator: ", ").map(String.init).filter { $0 != "–" }
            let imports = Set(named.map { rows.map(\.name).contains("Lot" + $0) ? "Lot" + $0 : $0 })
            let target = try #require(targets.first { $0.name == row.name }, "\(row.name)")
            #expect(imports == target.dependencies, "\(row.name)")
        }
        for target in targets where target.folder.hasPrefix("Sources/") {
            let line = try #require(rows.first { $0.name == target.name }?.line, "\(target.name)")
            for name in target.dependencies {
                let other = rows.first { $0.name == name }?.line ?? 0
                #expect(other < line, "\(target.name) stands on the line of \(name), or below")
            }
        }
    }

    /// The rows of the table in `architecture.md`, one a target.
    private func table() throws -> [(line: Int, name: String, imports: String)] {
        let text = try #require(SourceTree.text("docs/architecture.md"))
        return text.split(separator: "\n").flatMap { line -> [(Int, String, String)] in
            let cells = line.split(separator: "|").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard cells.count == 4, let number = Int(cells[0]) else { return [] }
            return cells[1].split(separator: "`").filter { $0 != " " }.map {
                (number, String($0), cells[3].replacing("`", with: ""))
            }
        }
    }

    /// The module that a line of Swift imports; `nil` if it imports none.
    private func module(_ line: String) -> String? {
        let words = line.split(separator: " ")
        guard let at = words.firstIndex(of: "import"), at < 3, at + 1 < words.count,
            line.first.map({ $0 != " " && $0 != "/" }) == true
        else { return nil }
        return String(words[at + 1])
    }

    private func targets() throws -> [Target] {
        let text = try #require(SourceTree.text("Package.swift"))
        let code = text.split(separator: "\n").filter {
            !$0.trimmingCharacters(in: .whitespaces).hasPrefix("//")
        }.joined(separator: "\n")
        return [".target(", ".executableTarget(", ".testTarget(", ".systemLibrary("].flatMap {
            kind in
            code.components(separatedBy: kind).dropFirst().map { target(kind, body($0, "(", ")")) }
        }
    }

    private func target(_ kind: String, _ body: String) -> Target {
        let name = after("name: \"", body) ?? ""
        let folder = after("path: \"", body)
        let list = body.components(separatedBy: "dependencies: [").dropFirst().first.map {
            self.body($0, "[", "]")
        }
        // A product is imported by its name, whatever the package is called.
        let words = (list ?? "").replacing(/package: "[^"]*"/, with: "").split(
            separator: "\"", omittingEmptySubsequences: false)
        return Target(
            name: name, folder: folder ?? (kind == ".testTarget(" ? "Tests/" : "Sources/") + name,
            dependencies: Set(
                words.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }))
    }

    /// The text up to the bracket that closes what stands before it.
    private func body(_ text: String, _ open: Character, _ close: Character) -> String {
        var depth = 1
        return String(
            text.prefix { character in
                if character == open { depth += 1 }
                if character == close { depth -= 1 }
                return depth > 0
            })
    }

    private func after(_ label: String, _ text: String) -> String? {
        text.components(separatedBy: label).dropFirst().first?.split(separator: "\"").first.map(
            String.init)
    }
}

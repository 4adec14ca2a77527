import Foundation
import Testing

/// Documents, Makefile and the tidy rules themselves.
@Suite struct RepositoryTests {
    @Test func `every link in the documents leads somewhere`() {
        var findings: [String] = []
        for file in SourceTree.documents + SourceTree.files(below: ["datasets"], ["md"]) {
            for (index, line) in file.lines.enumerated() {
                for target in links(line) where !resolves(target, from: file.path) {
                    findings.append("\(file.path):\(index + 1): \(target)")
                }
            }
        }
        #expect(findings == [])
    }

    @Test func `every target of the Makefile explains itself`() throws {
        let text = try #require(SourceTree.text("Makefile"))
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            guard let name = line.split(separator: ":").first, line.contains(":"),
                name.allSatisfy({ $0.isLetter || $0 == "-" }), !line.contains(":=")
            else { continue }
            #expect(line.contains("## "), "Makefile:\(index + 1): \(name)")
        }
        for name in [
            "deps", "build", "test", "e2e", "demo", "bench", "lint", "format", "help", "tidy",
        ] {
            #expect(text.contains("\n\(name):"), "no target \(name)")
        }
    }

    @Test func `continuous integration runs the tests`() throws {
        let text = try #require(SourceTree.text(".ci/run"))
        #expect(text.contains("make test"))
        #expect(text.contains("set -euo pipefail"))
        let path = SourceTree.root.appending(path: ".ci/run").path
        #expect(FileManager.default.isExecutableFile(atPath: path))
    }

    @Test func `code is seen without comments and strings`() {
        let code = CodeBlanker.blank(
            """
            let a = "print(" // print(
            /* try! /* nested */ */ let b = 1
            let c = #"a "quoted" {"# + "\\"{"
            func `a { name`() {}
            """)
        #expect(
            code == [
                "let a = \"\" ", " let b = 1", "let c = \"\" + \"\"", "func name() {}",
            ])
    }

    @Test func `a function's lines are counted from its name to its brace`() {
        let code = """
            struct A {
                var x: Int { 1 }
                public init(
                    a: Int = { 2 }()
                ) {
                    if a > 1 { }
                }
                static func b() -> Int { 1 }
                func c()
            }
            protocol P {
                func d()
                func e()
            }
            """
        let found = FunctionLengths.find(code.split(separator: "\n").map(String.init))
        #expect(found.map(\.name) == ["init", "b"])
        #expect(found.map(\.length) == [5, 1])
    }

    private func links(_ line: String) -> [String] {
        line.components(separatedBy: "](").dropFirst().compactMap { part in
            part.firstIndex(of: ")").map { String(part[..<$0]) }
        }
    }

    private func resolves(_ target: String, from path: String) -> Bool {
        if target.hasPrefix("https://") || target.hasPrefix("#") { return true }
        let file = target.split(separator: "#").first.map(String.init) ?? target
        let folder = URL(filePath: path).deletingLastPathComponent().relativePath
        return SourceTree.exists(folder == "." ? file : folder + "/" + file)
    }
}

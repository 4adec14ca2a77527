import Testing

/// The rules of the house, held by a test.
///
/// A finding names file and line.
@Suite struct TidyTests {
    @Test func `no file is too long`() {
        let long = (SourceTree.swift + SourceTree.c).filter { file in
            file.lines.count > (file.path.hasPrefix("Tests/") ? 800 : 500)
        }
        #expect(long.map { "\($0.path): \($0.lines.count) lines" } == [])
    }

    @Test func `no line is longer than 100 columns`() {
        let findings = (SourceTree.swift + SourceTree.c).flatMap { file in
            find(file.lines, file.path) { $0.count > 100 }
        }
        #expect(findings == [])
    }

    @Test func `no function is longer than 70 lines`() {
        let findings = SourceTree.swift.flatMap { file in
            FunctionLengths.find(file.code).filter { $0.length > 70 }.map {
                "\(file.path):\($0.line): \($0.name) has \($0.length) lines"
            }
        }
        #expect(findings == [])
    }

    @Test func `a target imports only what stands below it`() {
        let findings = SourceTree.sources.flatMap { file -> [String] in
            guard let allowed = allowedImports[file.target] else {
                return ["\(file.path): target \(file.target) is not in allowedImports"]
            }
            return file.lines.enumerated().compactMap { index, line in
                let words = line.split(separator: " ")
                guard let at = words.firstIndex(of: "import"), at < 3, at + 1 < words.count,
                    !line.hasPrefix(" "), !line.hasPrefix("//"),
                    !allowed.contains(String(words[at + 1]))
                else { return nil }
                return "\(file.path):\(index + 1): \(words[at + 1])"
            }
        }
        #expect(findings == [])
    }

    @Test func `raw memory and C stay in the listed files`() {
        let isUnsafe: (String) -> Bool = { line in
            line.contains("Unsafe") || line.contains("OpaquePointer")
                || line.contains("unchecked:") || words(line).contains("unsafe")
        }
        let findings = SourceTree.sources.filter { allowedUnsafe[$0.path] == nil }
            .flatMap { find($0.code, $0.path, isUnsafe) }
        #expect(findings == [])
        let idle = SourceTree.sources.filter { file in
            allowedUnsafe[file.path] != nil && !file.code.contains(where: isUnsafe)
        }
        #expect(idle.map { $0.path + ": needs no exemption any more" } == [])
    }

    @Test func `nobody promises thread safety that is not listed`() {
        let findings = SourceTree.sources.flatMap { file in
            find(file.code, file.path) {
                $0.contains("nonisolated(unsafe)")
                    || $0.contains("@unchecked") && allowedUnchecked[file.path] == nil
            }
        }
        #expect(findings == [])
    }

    @Test func `a result depends on no clock and on no random number without a seed`() {
        let banned = [
            "Date(", "Date.now", "ContinuousClock", "SuspendingClock", "DispatchTime",
            "gettimeofday", "clock_gettime", " time(nil", "(time(nil", "getrandom",
            "SystemRandomNumberGenerator", ".random(", "arc4random", "UUID(",
        ]
        let findings = SourceTree.sources.filter { allowedClocks[$0.path] == nil }.flatMap { file in
            find(file.code, file.path) { line in banned.contains { line.contains($0) } }
        }
        #expect(findings == [])
    }

    @Test func `no shell is ever started`() {
        let swift = SourceTree.sources.flatMap { file in
            find(file.code, file.path) { line in
                words(line).contains("popen")
                    || line.contains("system(") && !line.contains("func system(")
            }
        }
        let c = SourceTree.c.flatMap { file in
            find(file.code, file.path) { $0.contains("popen(") || $0.contains("system(") }
        }
        #expect(swift + c == [])
    }

    @Test func `libraries print nothing`() {
        let findings = SourceTree.sources.flatMap { file in
            find(file.code, file.path) { line in
                ["print(", "debugPrint(", "dump("].contains { call in
                    line.contains(call) && !line.contains("." + call)
                        && !line.contains("func " + call)
                }
            }
        }
        #expect(findings == [])
    }

    @Test func `nothing is left for later, nothing traps by design`() {
        // Spelt in two halves, or this file would be its own finding.
        let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
        let left = (SourceTree.swift + SourceTree.c).flatMap { file in
            find(file.lines, file.path) { !words($0).isDisjoint(with: marks) }
        }
        let traps = SourceTree.swift.flatMap { file in
            find(file.code, file.path) { $0.contains("try!") || $0.contains("as!") }
        }
        #expect(left + traps == [])
    }

    @Test func `no path of one machine is written down`() {
        let folders = ["/" + "work/", "/" + "home/", "/" + "Users/", "/" + "root/"]
        let files =
            SourceTree.swift + SourceTree.c + SourceTree.documents
            + SourceTree.files(below: ["strategies", "Tests"], ["lua", "py"])
        let findings = files.filter { $0.path != "Tests/LotReportTests/ResultFileTests.swift" }
            .flatMap { file in
                find(file.lines, file.path) { line in folders.contains { line.contains($0) } }
            }
        #expect(findings == [])
    }

    private func find(_ lines: [String], _ path: String, _ isBad: (String) -> Bool) -> [String] {
        lines.enumerated().filter { isBad($0.element) }.map { "\(path):\($0.offset + 1)" }
    }
}

/// The words of a line of code.
private func words(_ line: String) -> Set<String> {
    Set(line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init))
}

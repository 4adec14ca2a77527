import Glibc
import LotCore
import LotTestSupport
import Testing

@testable import LotReport

@Suite(.serialized) struct ChartTests {
    static let hasGnuplot = Gnuplot.find() != nil
    static let canary = "/tmp/lot-canary-\(getpid())"

    /// The nine ways of reliability.md, section 3.3, to make gnuplot run or write something.
    static let routes = [
        "`touch \(canary)`", "\"`touch \(canary)`\"", "'\n!touch \(canary)\n'",
        "'\nplot \"<touch \(canary)\"\n'", "'\nset output \"|touch \(canary)\"\nplot x\n'",
        "'.system('touch \(canary)').'", "'; system(\"touch \(canary)\"); '",
        "'\nset output '\(canary)'\nplot x\n'", "'\nset print '\(canary)'\nprint 1\n'",
        "@macro\\\n!touch \(canary)", "$(touch \(canary))", "e\ne\n!touch \(canary)\n",
    ]

    private var exists: Bool { unsafe access(Self.canary, F_OK) == 0 }

    @Test(.enabled(if: hasGnuplot), arguments: routes)
    func `no name runs a command in gnuplot`(route: String) throws {
        var result = SyntheticRun.result(bars: 100)
        result.strategy.name = route
        result.plots[0].name = route
        result.trades[0].entryTag = route
        let set = ChartSet.draw(result, gnuplot: Gnuplot.find())
        #expect(set.note == nil)
        #expect(set.charts.count == 3)
        #expect(!exists)
    }

    @Test(.enabled(if: hasGnuplot), arguments: routes)
    func `a quoted text is one string to gnuplot, whatever it holds`(route: String) throws {
        let gnuplot = try #require(Gnuplot.find())
        var program = GnuplotProgram()
        program.outputs = ["a.svg"]
        program.parts = [
            .commands(
                """
                set terminal svg noenhanced
                set output 'a.svg'
                set title \(GnuplotText.quoted(route))
                plot x

                """)
        ]
        let files = try GnuplotSession(gnuplot).run(program)
        #expect(files.count == 1)
        #expect(!exists)
    }

    @Test func `quoting leaves no quote inside, drops controls and cuts at 128`() {
        #expect(GnuplotText.quoted("it's") == "'it\u{2019}s'")
        #expect(GnuplotText.quoted("'") == "'\u{2019}'")
        #expect(GnuplotText.quoted("a\nb\u{1B}\u{7F}\u{9B}c") == "'abc'")
        #expect(GnuplotText.quoted(String(repeating: "x", count: 500)).count == 130)
        #expect(GnuplotText.quoted(String(repeating: "'", count: 500)).count == 130)
    }

    @Test(.enabled(if: hasGnuplot))
    func `where the kernel confines it, gnuplot can start nothing and write nowhere else`() throws {
        let gnuplot = try #require(Gnuplot.find())
        for command in [
            "!touch \(Self.canary)", "system('touch \(Self.canary)')",
            "set output '\(Self.canary)'\nset terminal svg\nplot x\nunset output",
            "set print '\(Self.canary)'\nprint 1\nunset print",
            "plot '<touch \(Self.canary)'", "set output '|touch \(Self.canary)'\nplot x",
        ] {
            let session = try GnuplotSession(gnuplot)
            guard session.isConfined else { return }
            _ = try? session.run(GnuplotProgram(parts: [.commands(command + "\n")], outputs: []))
            #expect(!exists, "\(command)")
        }
    }

    @Test(.enabled(if: hasGnuplot))
    func `the same run gives the same drawing, made of nothing but shapes and text`() throws {
        let result = SyntheticRun.result(bars: 3_000)
        let first = ChartSet.draw(result, gnuplot: Gnuplot.find())
        let second = ChartSet.draw(result, gnuplot: Gnuplot.find())
        #expect(first.charts.map(\.markup) == second.charts.map(\.markup))
        for chart in first.charts {
            var scanner = XMLScanner(Array(chart.markup.utf8))
            var names: Set<String> = []
            var keys: Set<String> = []
            while let event = scanner.next() {
                guard case .start(let name, let attributes, _) = event else { continue }
                names.insert(name)
                keys.formUnion(attributes.keys)
            }
            #expect(names.isSubset(of: ["path", "polygon", "g", "text"]))
            #expect(
                keys.isSubset(of: [
                    "class", "d", "points", "stroke-width", "transform", "text-anchor",
                ]))
            #expect(chart.markup.utf8.count < 250_000)
        }
        let equity = try #require(first.charts.first).markup
        for color in [ChartColor.equity, .benchmark, .drawdown, .grid, .text] {
            #expect(equity.contains("class=\"\(color.name)\""))
        }
    }

    @Test(.enabled(if: hasGnuplot))
    func `a hole in a script's line stays open in the drawing`() throws {
        var result = SyntheticRun.result(bars: 300, tradeEvery: 0)
        for index in 100..<200 { result.plots[0].values[index] = .nan }
        result.plots.removeLast()
        let set = ChartSet.draw(result, gnuplot: Gnuplot.find())
        let markup = try #require(set.charts.last).markup
        let start = try #require(markup.firstRange(of: "class=\"k10\""))
        let path = markup[start.upperBound...].prefix { $0 != ">" }
        #expect(path.count { $0 == "M" } == 2)
    }

    @Test func `without gnuplot the report says so and is still written`() {
        let missing = [
            nil, Gnuplot(executable: "/nonexistent/gnuplot"), Gnuplot(executable: "/bin/false"),
        ]
        for gnuplot in missing {
            let run = RunFolder.render(SyntheticRun.result(bars: 50), gnuplot: gnuplot) { _ in "00"
            }
            #expect(run.warning?.contains("no charts") == true)
            let page = String(decoding: run.bytes(of: "report.html") ?? [], as: UTF8.self)
            #expect(page.contains("no charts"))
            #expect(!page.contains("<svg"))
        }
    }

    @Test(.enabled(if: hasGnuplot))
    func `a gnuplot that never ends is stopped`() throws {
        let found = try #require(Gnuplot.find())
        let gnuplot = Gnuplot(executable: found.executable, limitMs: 200)
        let session = try GnuplotSession(gnuplot)
        #expect(throws: GnuplotError.timeout(200)) {
            try session.run(
                GnuplotProgram(parts: [.commands("while (1) { a = 1 }\n")], outputs: []))
        }
    }

    @Test func `the rewriter lets nothing foreign through`() {
        let svg = """
            <svg onload='x()'><script>alert(1)</script><style>*{}</style>
            <image href='http://evil.example/x.png'/><a href='javascript:x'><path
             stroke='rgb(1,1,3)' onclick='x' d='M0,0 L1,1'/></a>
            <path stroke='rgb(1,1,3)' d='M0,0 L1,1"/><b>'/><foreignObject><b>x</b></foreignObject>
            <g transform='translate(1,2)' text-anchor='end"' fill='rgb(1,1,2)'>
            <text><tspan>a&lt;b</tspan></text></g></svg>
            """
        #expect(
            SVGRewriter.rewrite(Array(svg.utf8)) == """
                <path class="k3" stroke-width="1" d="M0,0 L1,1"/>
                <g class="k2" transform="translate(1,2)"><text>a&lt;b</text></g>
                """)
    }
}

import LotCore
import Testing

@testable import LotReport

@Suite struct StudyPicturesTests {
    static let hasGnuplot = Gnuplot.find() != nil
    private static let sharpe = StudyPictures.Target("sharpe", isMaximised: true)
    private static let drawdown = StudyPictures.Target("max_drawdown", isMaximised: false)

    private func axis(_ name: String, cells: Int = 2, isOrdered: Bool = true) -> StudyAxis {
        StudyAxis(name, cells: cells, isOrdered: isOrdered, ticks: [("lo", 0.25), ("hi", 0.75)])
    }

    /// Places spread evenly over the unit cube: multiples of irrational numbers, less whole ones.
    private func place(_ number: Int, _ dimensions: Int) -> [Double] {
        (0..<dimensions).map { index in
            let step = Double(number) * (2 + Double(index)).squareRoot()
            return step - step.rounded(.down)
        }
    }

    private func study(_ trials: Int, _ dimensions: Int) -> StudyPictures {
        var pictures = StudyPictures(
            (0..<dimensions).map { axis("p\($0)", cells: 20) }, targets: [Self.sharpe])
        for number in 0..<trials {
            let place = place(number, dimensions)
            pictures.add(
                number: number, place: place, values: [place.reduce(0, +)],
                isFeasible: number % 3 != 0)
        }
        return pictures
    }

    private func page(_ pictures: StudyPictures, title: String = "s") -> String {
        StudyPage(
            title: title, lead: "", verdict: [],
            tables: [StudyPage.Table("T", head: ["a", "b"], rows: [[title, "1"]])], footer: ""
        ).html(pictures.draw(Gnuplot.find()), note: pictures.note)
    }

    @Test func `a trial that misses a constraint colours no cell and moves no mean`() {
        var pictures = StudyPictures([axis("x"), axis("y")], targets: [Self.sharpe])
        pictures.add(number: 0, place: [0.2, 0.2], values: [1], isFeasible: true)
        pictures.add(number: 1, place: [0.2, 0.2], values: [3], isFeasible: true)
        pictures.add(number: 2, place: [0.2, 0.2], values: [100], isFeasible: false)
        pictures.add(number: 3, place: [0.8, 0.2], values: [100], isFeasible: false)
        #expect(pictures.pairs[0].sums == [4, 0, 0, 0])
        #expect(pictures.pairs[0].counts == [2, 0, 0, 0])
        #expect(pictures.pairs[0].missed == [1, 0, 1, 0])
        #expect(pictures.columns[0][0].sum == 4)
        #expect(pictures.columns[0][0].best == 3)
        #expect(pictures.best?.number == 1)
        #expect(pictures.climb == [0, 1, 1, 1, 1, 3])
        // The grey cell is the right one, and only it.
        let heat = pictures.heatMap(0)
        let grey = heat.chart.panels[0].layers.filter { $0.color == .benchmark }.map(\.points)
        #expect(grey == [[0.75, 0.25]])
        #expect(heat.legend.contains { $0.label == "Every trial misses a constraint" })
    }

    @Test
    func `where nothing may be chosen no picture is empty and no legend names what is absent`() {
        var pictures = StudyPictures([axis("x"), axis("y")], targets: [Self.sharpe])
        for number in 0..<9 {
            pictures.add(
                number: number, place: place(number, 2), values: [1], isFeasible: false)
        }
        #expect(pictures.plans.map(\.chart.name) == ["history", "slice0", "slice1"])
        #expect(pictures.plans.allSatisfy { $0.legend.map(\.label) == ["Misses a constraint"] })
        #expect(pictures.note.contains("Heat maps and parallel coordinates"))
        // One trial a value: its mean is itself.
        var single = StudyPictures([axis("x")], targets: [Self.sharpe])
        single.add(number: 0, place: [0.2], values: [1], isFeasible: true)
        single.add(number: 1, place: [0.8], values: [2], isFeasible: true)
        #expect(single.slice(0).legend.map(\.label) == ["Trial", "Best"])
        single.add(number: 2, place: [0.8], values: [3], isFeasible: true)
        #expect(single.slice(0).legend.map(\.label) == ["Trial", "Mean", "Best"])
    }

    @Test func `means, bests and the best lines are of all trials, not of the dots`() {
        let pictures = study(50_000, 2)
        #expect(pictures.marks.count <= StudyPictures.limit)
        #expect(pictures.columns[1].map(\.count).reduce(0, +) == pictures.feasible)
        var values: [Double] = []
        for number in 0..<50_000 where number % 3 != 0 {
            values.append(place(number, 2).reduce(0, +))
        }
        values.sort(by: >)
        #expect(
            pictures.leaders.map(\.value) == Array(values.prefix(StudyPictures.leaderLimit)))
        #expect(pictures.note.contains("1 trial in"))
    }

    @Test func `dots of a grid show every value of its last parameter`() {
        var pictures = StudyPictures([axis("x", cells: 512), axis("y")], targets: [Self.sharpe])
        for number in 0..<65_536 {
            // The last parameter is a flag: even numbers are false, odd ones true.
            let x = (Double(number / 2 % 512) + 0.5) / 512
            pictures.add(
                number: number, place: [x, number % 2 == 0 ? 0.25 : 0.75], values: [x],
                isFeasible: true)
        }
        let share =
            Double(pictures.marks.count { $0.place[1] > 0.5 })
            / Double(pictures.marks.count)
        #expect((0.45...0.55).contains(share))
        #expect(pictures.marks.count > StudyPictures.limit / 3)
    }

    @Test func `the front is what no other trial beats`() {
        var pictures = StudyPictures([axis("x")], targets: [Self.sharpe, Self.drawdown])
        var all: [(Double, Double)] = []
        for number in 0..<500 {
            let place = place(number, 2)
            let values = [(place[0] * 20).rounded(), (place[1] * 20).rounded()]
            let isFeasible = number % 5 != 0
            pictures.add(number: number, place: [0.5], values: values, isFeasible: isFeasible)
            if isFeasible { all.append((values[0], values[1])) }
        }
        // The definition, over every pair of trials.
        let front = all.filter { one in
            !all.contains {
                $0.0 >= one.0 && $0.1 <= one.1 && ($0.0 > one.0 || $0.1 < one.1)
            }
        }
        let expected = Set(front.map { "\($0.0) \($0.1)" })
        let found = pictures.fronts[0].points
        #expect(Set(found.map { "\($0.0) \($0.1)" }) == expected)
        #expect(found.count == expected.count)
    }

    @Test func `logits of 0 and below count as overfitting, in number and colour`() throws {
        var pictures = StudyPictures([axis("x")], targets: [Self.sharpe])
        pictures.logits = [-1, 0, 0.5, 1]
        let plan = try #require(pictures.overfitting)
        #expect(plan.title.hasPrefix("Probability of overfitting 50.0 %"))
        let layers = plan.chart.panels[0].layers
        func sum(_ layer: ChartLayer) -> Double {
            stride(from: 1, to: layer.points.count, by: 4).reduce(0) { $0 + layer.points[$1] }
        }
        #expect(sum(layers[0]) == 2 && layers[0].color == .exitLoss)
        #expect(sum(layers[1]) == 2 && layers[1].color == .equity)
    }

    @Test func `round numbers stand on linear and on logarithmic axes`() {
        let linear = StudyAxis.roundNumbers(0.05, 0.61, isLogarithmic: false)
        #expect(
            linear.map { NumberText.significant($0, 3) } == [
                "0.1", "0.2", "0.3", "0.4", "0.5", "0.6",
            ])
        let tens = StudyAxis.roundNumbers(0.001, 0.05, isLogarithmic: true)
        #expect(
            tens.map { NumberText.significant($0, 3) } == [
                "0.001", "0.002", "0.005", "0.01", "0.02", "0.05",
            ])
        #expect(StudyAxis.roundNumbers(1e-9, 1e9, isLogarithmic: true).count <= 8)
        #expect(StudyAxis.roundNumbers(3, 3, isLogarithmic: false) == [3])
    }

    @Test(.enabled(if: hasGnuplot))
    func `the page of a hundred thousand trials of five parameters stays below 2 MB`() {
        let page = page(study(100_000, 5))
        #expect(page.contains("<svg"))
        #expect(page.utf8.count < 2_000_000)
        #expect(page.contains("Dots show about 1 trial in 32"))
    }

    @Test(.enabled(if: hasGnuplot))
    func `the same trials give the same page`() {
        #expect(page(study(3_000, 3)) == page(study(3_000, 3)))
    }

    @Test(.enabled(if: hasGnuplot), arguments: [1, 2, 3, 5])
    func `every number of parameters, categorical ones among them, is drawn`(_ count: Int) {
        let axes = (0..<count).map { axis("p\($0)", cells: 3, isOrdered: $0 % 2 == 0) }
        var pictures = StudyPictures(axes, targets: [Self.sharpe, Self.drawdown])
        for number in 0..<40 {
            let place = place(number, count)
            pictures.add(
                number: number, place: place, values: [place[0], number == 3 ? .nan : place[0]],
                isFeasible: number % 2 == 0)
        }
        pictures.held = .init(
            [(1, 0.5), (2, .nan), (3, 1)], noun: "trial", hasBest: true, correlation: 0.5)
        pictures.fans = [
            .init("days", title: "Fan", points: [(0, 1, 1, 1, 1), (10, 0.8, 1.1, 1.4, 1.2)])
        ]
        pictures.logits = [-1, 2]
        let set = pictures.draw(Gnuplot.find())
        #expect(set.note == nil)
        // History, front, heat maps, slices, parallel coordinates, held, logits, fan.
        let expected = 2 + count * (count - 1) / 2 + count + (count > 1 ? 1 : 0) + 3
        #expect(set.charts.count == expected)
        for chart in set.charts { #expect(chart.markup.contains("<path"), "\(chart.title)") }
    }

    @Test func `pictures of a kind stand in pairs, the last of an odd number alone`() {
        var pictures = study(20, 3)
        pictures.logits = [-1, 2]
        let names = pictures.plans.map { $0.chart.name + ($0.chart.isHalf ? " half" : "") }
        #expect(
            names == [
                "history", "logits", "heat0 half", "heat1 half", "heat2", "slice0 half",
                "slice1 half", "slice2", "parallel",
            ])
    }

    @Test func `labels of an axis that would run into each other are left out`() {
        let ticks = (0..<8).map { (label: "a long label", place: (Double($0) + 0.5) / 8) }
        var pictures = StudyPictures(
            [StudyAxis("x", cells: 8, ticks: ticks), axis("y")], targets: [Self.sharpe])
        pictures.add(number: 0, place: [0.5, 0.5], values: [1], isFeasible: true)
        func labels(_ isHalf: Bool) -> Int {
            var chart = pictures.slice(0).chart
            chart.isHalf = isHalf
            var program = GnuplotProgram()
            chart.append(to: &program)
            return program.parts.reduce(0) { sum, part in
                guard case .commands(let text) = part else { return sum }
                return sum + text.ranges(of: "'a long label'").count
            }
        }
        #expect(labels(false) == 8)
        #expect(labels(true) == 4)
    }

    @Test(.enabled(if: hasGnuplot))
    func `no trial, none with a value, and none that meets every constraint are said or drawn`() {
        var pictures = StudyPictures([axis("x")], targets: [Self.sharpe])
        #expect(pictures.draw(Gnuplot.find()).note?.contains("no trial") == true)
        pictures.add(number: 0, place: [0.5], values: [.nan], isFeasible: false)
        #expect(pictures.draw(Gnuplot.find()).note?.contains("no trial") == true)
        pictures.add(number: 1, place: [0.5], values: [1], isFeasible: false)
        let set = pictures.draw(Gnuplot.find())
        #expect(set.note == nil)
        #expect(set.charts.count == 2)
    }

    @Test(.enabled(if: hasGnuplot))
    func `a hostile name stays text`() {
        let name = "<script>alert(1)</script>'\"; set output '/tmp/x'"
        var pictures = StudyPictures(
            [axis(name), axis("y")], targets: [.init(name, isMaximised: true)])
        for number in 0..<4 {
            pictures.add(
                number: number, place: place(number, 2), values: [Double(number)],
                isFeasible: true)
        }
        let page = page(pictures, title: name)
        #expect(!page.contains("<script"))
        #expect(page.contains("&lt;script&gt;alert(1)"))
    }

    @Test func `whole numbers have no ticks between them`() throws {
        var pictures = StudyPictures([axis("x")], targets: [Self.sharpe])
        for number in 0..<3 {
            pictures.add(number: number, place: [0.5], values: [1], isFeasible: true)
        }
        var program = GnuplotProgram()
        pictures.history.chart.append(to: &program)
        let text = program.parts.map { part in
            if case .commands(let text) = part { text } else { "" }
        }.joined()
        let ticks = try #require(text.firstRange(of: "set xtics ("))
        #expect(!text[ticks.upperBound...].prefix { $0 != ")" }.contains("'0.5'"))
    }

    @Test func `dots of one colour and size are one element`() {
        let svg = """
            <svg><use xlink:href='#gpPt6' transform='translate(1.0,2.0) scale(1.50)' \
            color='rgb(  1,   1,   3)'/><use xlink:href='#gpPt6' \
            transform='translate(3.0,4.0) scale(1.50)' color='rgb(  1,   1,   3)'/>\
            <use xlink:href='#gpPt6' transform='translate(5.0,6.0) scale(1.50)' \
            color='rgb(  1,   1,   4)'/></svg>
            """
        let markup = SVGRewriter.rewrite(Array(svg.utf8))
        #expect(
            markup == """
                <path class="k3 dots" stroke-width="3.00" d="M1.0,2.0h0M3.0,4.0h0"/>
                <path class="k4 dots" stroke-width="3.00" d="M5.0,6.0h0"/>

                """)
    }
}

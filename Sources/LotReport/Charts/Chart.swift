import LotCore

/// The meanings that colours have.
///
/// The page's style sheet gives each one a colour for light and one for dark. gnuplot draws them
/// as `rgb(1, 1, n)`, which ``SVGRewriter`` turns into a class.
enum ChartColor: Int, CaseIterable {
    case grid = 1
    case text = 2
    case equity = 3
    case benchmark = 4
    case drawdown = 5
    case price = 6
    case entry = 7
    case exitWin = 8
    case exitLoss = 9
    case plot1 = 10
    case plot2 = 11
    case plot3 = 12
    case plot4 = 13
    case plot5 = 14
    case plot6 = 15
    /// The least of nine levels of a heat map; the others follow.
    case heat1 = 16
    case heat2, heat3, heat4, heat5, heat6, heat7, heat8, heat9

    /// The class in the page.
    var name: String { "k\(rawValue)" }

    /// The colour in a gnuplot command.
    var command: String {
        let digits = String(rawValue, radix: 16)
        return "'#0101" + (digits.count < 2 ? "0" : "") + digits + "'"
    }

    /// The colour of a level 0…8 of a heat map.
    static func heat(_ level: Int) -> ChartColor {
        ChartColor(rawValue: heat1.rawValue + min(8, max(0, level))) ?? .heat1
    }

    /// The colour of the script's line number `index`.
    static func plot(_ index: Int) -> ChartColor {
        ChartColor(rawValue: plot1.rawValue + index % 6) ?? .plot1
    }
}

/// Something drawn in a panel.
struct ChartLayer {
    enum Shape {
        /// A line through x, y.
        case line(width: Double)
        /// The area between y and 0.
        case area
        /// Triangles pointing up or down.
        case marks(up: Bool, size: Double)
        /// Round dots.
        case dots(size: Double)
        /// The area inside a closed line.
        case region
        /// Filled rectangles around x, y.
        case cells(halfWidth: Double, halfHeight: Double)
    }

    var shape: Shape
    var color: ChartColor
    /// x, y pairs, one after the other; x in seconds since the chart's first time.
    var points: [Double]
}

/// A coordinate system inside a chart.
struct ChartPanel {
    enum Scale {
        case number
        /// Whole numbers.
        case count
        /// Percent, with 0 on top: a fall.
        case percent
        /// Percent, with 0 at the bottom.
        case gain
    }

    var layers: [ChartLayer]
    /// Share of the chart's height.
    var share: Double
    var scale: Scale
    /// What the y axis counts, for instance the quote currency.
    var unit: String
    /// Range of the y axis, where it is not that of the data.
    var range: ClosedRange<Double>?
    /// Labels of the y axis, where they are not round numbers.
    var ticks: [ChartTick]?
}

/// A label at a place of an axis.
struct ChartTick: Sendable {
    var label: String
    var place: Double
}

/// A drawing: panels below each other on one axis, of time unless it says otherwise.
struct Chart {
    /// Name in file names and for people who hear the page: letters and digits.
    var name: String
    var first: Int64
    var last: Int64
    var height: Int
    var panels: [ChartPanel]
    /// What the x axis counts instead of time: its scale, and its end.
    var across: (scale: ChartPanel.Scale, end: Double)?
    /// Where an axis that is not of time begins.
    var start = 0.0
    /// Labels of the x axis, where they are neither times nor round numbers.
    var ticks: [ChartTick]?
    /// Whether it stands beside another of its kind, in half the width.
    var isHalf = false

    /// Returns a time in seconds since the chart's first: small numbers keep their digits.
    func seconds(_ time: Int64) -> Double { Double(time - first) / 1_000 }
}

extension Chart {
    /// Width in units of its texts, which are 12 high.
    var width: Int { isHalf ? 480 : 1_000 }
    /// About the width of a letter.
    private static let letter = 6.8

    /// Room for the labels of the y axes.
    private var left: Double {
        let labels = panels.flatMap { $0.ticks ?? [] }.map(\.label.count)
        return max(isHalf ? 52 : 66, Double(labels.max() ?? 0) * Chart.letter + 10)
    }

    private static let right = 10.0
    private static let top = 14.0
    private static let bottom = 26.0
    private static let spacing = 16.0

    /// The name of the file that gnuplot writes.
    var fileName: String { name + ".svg" }

    /// Appends the commands and data that draw the chart.
    func append(to program: inout GnuplotProgram) {
        program.outputs.append(fileName)
        program.parts.append(
            .commands(
                """
                reset
                set terminal svg size \(width),\(height) dynamic noenhanced \
                name \(GnuplotText.quoted(name)) font 'sans-serif,12' linewidth 1
                set output \(GnuplotText.quoted(fileName))
                set multiplot

                """))
        let usable =
            Double(height) - Chart.top - Chart.bottom
            - Chart.spacing * Double(panels.count - 1)
        var top = Double(height) - Chart.top
        for (index, panel) in panels.enumerated() {
            let bottom = top - usable * panel.share
            append(
                panel, number: index, to: &program, top: top / Double(height),
                bottom: bottom / Double(height))
            top = bottom - Chart.spacing
        }
        program.parts.append(.commands("unset multiplot\nunset output\n"))
    }

    private func append(
        _ panel: ChartPanel, number: Int, to program: inout GnuplotProgram, top: Double,
        bottom: Double
    ) {
        let width = Double(self.width)
        let span = across?.end ?? max(1, seconds(last))
        let (low, high) = range(panel)
        var commands = """
            set lmargin at screen \(GnuplotText.number(left / width))
            set rmargin at screen \(GnuplotText.number(1 - Chart.right / width))
            set tmargin at screen \(GnuplotText.number(top))
            set bmargin at screen \(GnuplotText.number(bottom))
            unset key
            set border 0
            set tics scale 0
            set xtics textcolor rgb \(ChartColor.text.command)
            set ytics textcolor rgb \(ChartColor.text.command)
            set grid xtics ytics linetype 1 linewidth 1 linecolor rgb \(ChartColor.grid.command)
            set xtics (\(ticks(areLabelled: number == panels.count - 1)))
            set ytics (\(panel.ticks.map(named) ?? valueTicks(panel.scale, low, high)))
            set xrange [\(GnuplotText.number(start)):\(GnuplotText.number(span))]
            set yrange [\(GnuplotText.number(low)):\(GnuplotText.number(high))]

            """
        if !panel.unit.isEmpty {
            // Above the axis, at its end: never in the way of the numbers.
            commands += "set label 1 \(GnuplotText.quoted(panel.unit)) at graph 0,1 left "
            commands += "offset character 0.4,-0.7 textcolor rgb \(ChartColor.text.command)\n"
        }
        // An empty file is an error to gnuplot, so an empty layer is left out.
        let layers = panel.layers.filter { !$0.points.isEmpty }
        let files = layers.indices.map { "\(name)-\(number)-\($0).dat" }
        for (layer, file) in zip(layers, files) {
            program.parts.append(.data(file, layer.points))
        }
        commands += "plot " + zip(layers, files).map(style).joined(separator: ", ") + "\n"
        program.parts.append(.commands(commands + "unset label\n"))
    }

    private func ticks(areLabelled: Bool) -> String {
        if let ticks { return named(apart(ticks)) }
        guard let across else { return timeTicks(areLabelled: areLabelled) }
        return valueTicks(across.scale, start, across.end - (across.end - start) * 0.025)
    }

    /// The ticks of the x axis without those labels that would run into the one before.
    private func apart(_ ticks: [ChartTick]) -> [ChartTick] {
        let room = Double(width) - left - Chart.right
        let span = max(1e-300, (across?.end ?? 1) - start)
        var end = -Double.infinity
        return ticks.sorted { $0.place < $1.place }.map { tick in
            let middle = (tick.place - start) / span * room
            let half = Double(tick.label.count) * Chart.letter / 2
            guard middle - half >= end else { return ChartTick(label: "", place: tick.place) }
            end = middle + half + Chart.letter
            return tick
        }
    }

    /// Ticks with names: gnuplot reads a label as a format, so percent signs are doubled.
    private func named(_ ticks: [ChartTick]) -> String {
        ticks.map { tick in
            let label = tick.label.split(separator: "%", omittingEmptySubsequences: false)
                .joined(separator: "%%")
            return GnuplotText.quoted(label) + " " + GnuplotText.number(tick.place)
        }.joined(separator: ", ")
    }

    /// The ticks of the time axis; labels that would stick out of the chart are left out.
    private func timeTicks(areLabelled: Bool) -> String {
        let length = max(1, seconds(last))
        return TimeTicks.between(first, last).map { tick in
            let place = seconds(tick.time)
            let isInside = place > length * 0.02 && place < length * 0.975
            let label = areLabelled && isInside ? tick.label : ""
            return GnuplotText.quoted(label) + " " + GnuplotText.number(place)
        }.joined(separator: ", ")
    }

    private func valueTicks(_ scale: ChartPanel.Scale, _ low: Double, _ high: Double) -> String {
        let step = max(scale == .count ? 1 : 0, Chart.tickStep(low, high))
        let first = (low / step).rounded(.up)
        let count = min(20, max(0, Int(((high / step).rounded(.down) - first).rounded()) + 1))
        var decimals = 0
        var size = step
        while size < 0.999_999, decimals < 9 {
            size *= 10
            decimals += 1
        }
        return (0..<count).map { index in
            let value = (first + Double(index)) * step
            let number = NumberText.fixed(value, decimals)
            // gnuplot reads a tick's label as a format: %% is a percent sign.
            let label = scale == .number || scale == .count ? number : number + " %%"
            return GnuplotText.quoted(label) + " " + GnuplotText.number(value)
        }.joined(separator: ", ")
    }

    private func style(_ layer: ChartLayer, _ file: String) -> String {
        let data = GnuplotText.quoted(file) + " binary format='%double%double' using 1:2"
        let color = "linecolor rgb " + layer.color.command
        return switch layer.shape {
        case .line(let width): "\(data) with lines linewidth \(width) \(color)"
        case .area:
            "\(data) with filledcurves y1=0 \(color) "
                + "fillstyle transparent solid 0.25 noborder"
        case .region: "\(data) with filledcurves closed \(color) fillstyle solid noborder"
        case .marks(let up, let size):
            "\(data) with points pointtype \(up ? 9 : 11) pointsize \(size) \(color)"
        case .cells(let width, let height):
            "\(data):(\(width)):(\(height)) with boxxyerror \(color) fillstyle solid noborder"
        case .dots(let size): "\(data) with points pointtype 7 pointsize \(size) \(color)"
        }
    }

    /// The y range of a panel with a little room, never empty.
    private func range(_ panel: ChartPanel) -> (low: Double, high: Double) {
        if let range = panel.range { return (range.lowerBound, range.upperBound) }
        var low = Double.infinity
        var high = -Double.infinity
        for layer in panel.layers {
            for index in stride(from: 1, to: layer.points.count, by: 2) {
                let value = layer.points[index]
                guard value.isFinite else { continue }
                low = min(low, value)
                high = max(high, value)
            }
        }
        guard low <= high else { return (0, 1) }
        if panel.scale == .percent {
            // A run without a drawdown still gets an axis that people can read.
            high = max(high, 0)
            low = min(low, high - 1)
        }
        if panel.scale == .gain { return (0, max(high * 1.04, 0.01)) }
        let room = high > low ? (high - low) * 0.04 : max(abs(high) * 0.01, 1e-9)
        return (low - room, panel.scale == .percent ? max(high, 0) : high + room)
    }

    /// A step of 1, 2 or 5 times a power of ten that gives four to eight ticks.
    static func tickStep(_ low: Double, _ high: Double) -> Double {
        let rough = (high - low) / 5
        // Below, powers of ten lose their digits and end at 0.
        guard rough > 1e-300, rough.isFinite else { return 1 }
        var power = 1.0
        while power > rough { power /= 10 }
        while power * 10 <= rough { power *= 10 }
        let leading = rough / power
        return power * (leading < 1.5 ? 1 : leading < 3.5 ? 2 : leading < 7.5 ? 5 : 10)
    }
}

/// What path data and point lists consist of, besides digits.
private let pathBytes = Set(" .,-+MLHVCSQTAZmlhvcsqtaz".utf8)

/// Makes a page's chart out of gnuplot's SVG by copying only what a chart needs.
///
/// The output has four kinds of elements (`path`, `polygon`, `text`, `g` with a place) and no
/// ids, links, styles, scripts or foreign names, whatever the input holds: what is not known is
/// left out. Colours become classes, so the page's style sheet decides what they look like.
struct SVGRewriter {
    private var output = ""
    private var strokeWidths: [String] = []
    private var openGroups: [Bool] = []
    /// Dots of one colour and size that stand next to each other: one element, thousands of dots.
    private var dots: (color: String, width: String, points: String)?

    /// Returns the inner elements of the drawing.
    ///
    /// - Complexity: O(bytes).
    static func rewrite(_ svg: [UInt8]) -> String {
        var rewriter = SVGRewriter()
        var parser = XMLScanner(svg)
        while let event = parser.next() {
            switch event {
            case .start(let name, let attributes, let isEmpty):
                rewriter.start(name, attributes, isEmpty: isEmpty)
            case .end(let name):
                rewriter.end(name)
            case .text: break
            }
            if case .start("text", _, false) = event {
                rewriter.text(parser.textUntilEnd("text"))
            }
        }
        rewriter.endDots()
        return rewriter.output
    }

    private mutating func start(
        _ name: String, _ attributes: [String: String], isEmpty: Bool
    ) {
        if name != "use" { endDots() }
        switch name {
        case "g" where !isEmpty: group(attributes)
        case "path": path(attributes)
        case "polygon": polygon(attributes)
        case "use": mark(attributes)
        default: break
        }
    }

    private mutating func group(_ attributes: [String: String]) {
        let width = number(attributes["stroke-width"]) ?? strokeWidths.last ?? "1"
        strokeWidths.append(width)
        guard let place = transform(attributes["transform"]) else {
            return openGroups.append(false)
        }
        openGroups.append(true)
        let wanted = attributes["text-anchor"] ?? ""
        let color = colorClass(attributes["fill"]) ?? ChartColor.text.name
        output += "<g class=\"\(color)\" transform=\"\(place)\""
        if ["start", "middle", "end"].contains(wanted) { output += " text-anchor=\"\(wanted)\"" }
        output += ">"
    }

    private mutating func end(_ name: String) {
        endDots()
        guard name == "g", let isOpen = openGroups.popLast() else { return }
        strokeWidths.removeLast()
        if isOpen { output += "</g>" }
    }

    /// A line; without a colour of ours it is gnuplot's own decoration, and left out.
    private mutating func path(_ attributes: [String: String]) {
        guard let color = colorClass(attributes["stroke"]), let shape = shape(attributes["d"]),
            shape.utf8.contains(UInt8(ascii: "L"))
        else { return }
        let width = strokeWidths.last ?? "1"
        output += "<path class=\"\(color)\" stroke-width=\"\(width)\" d=\"\(shape)\"/>\n"
    }

    private mutating func polygon(_ attributes: [String: String]) {
        guard let color = colorClass(attributes["fill"]), let points = shape(attributes["points"])
        else { return }
        output += "<polygon class=\"\(color)\" points=\"\(points)\"/>\n"
    }

    /// A mark: gnuplot's point types 7 (dot), 9 (up) and 11 (down) refer to shapes 6, 8 and 10.
    private mutating func mark(_ attributes: [String: String]) {
        guard let color = colorClass(attributes["color"]),
            let place = transform(attributes["transform"])
        else { return }
        if attributes["xlink:href"] == "#gpPt6", let dot = dot(place) {
            return append(dot, color)
        }
        endDots()
        let shape =
            attributes["xlink:href"] == "#gpPt8"
            ? "M0,-1.3L-1.2,.8L1.2,.8z" : "M0,1.3L-1.2,-.8L1.2,-.8z"
        output += "<path class=\"\(color) mark\" transform=\"\(place)\" d=\"\(shape)\"/>\n"
    }

    /// The place and the diameter of a dot: `translate(66.0,200.1) scale(1.5)`.
    private func dot(_ transform: String) -> (place: String, width: String)? {
        let parts = transform.split { "() ".contains($0) }.map(String.init)
        guard parts.count == 4, parts[0] == "translate", parts[2] == "scale",
            parts[1].contains(","), let radius = Double(parts[3]), radius > 0, radius < 1_000
        else { return nil }
        return (parts[1], NumberText.fixed(radius * 2, 2, grouping: false))
    }

    /// A dot is a line of no length with round ends.
    private mutating func append(_ dot: (place: String, width: String), _ color: String) {
        if dots?.color != color || dots?.width != dot.width {
            endDots()
            dots = (color, dot.width, "")
        }
        dots?.points += "M" + dot.place + "h0"
    }

    private mutating func endDots() {
        guard let some = dots else { return }
        dots = nil
        output += "<path class=\"\(some.color) dots\" stroke-width=\"\(some.width)\" "
        output += "d=\"\(some.points)\"/>\n"
    }

    private mutating func text(_ text: String) {
        guard openGroups.last == true, !text.isEmpty else { return }
        output += "<text>" + HTMLText(text).escaped + "</text>"
    }

    /// `rgb(  1,   1,   7)` is class `k7`; any other colour is none of ours.
    private func colorClass(_ color: String?) -> String? {
        guard let color, color.hasPrefix("rgb("), color.hasSuffix(")") else { return nil }
        let parts = color.dropFirst(4).dropLast().split(separator: ",").map { part in
            Int(String(part.filter { $0 != " " }))
        }
        guard parts.count == 3, parts[0] == 1, parts[1] == 1, let third = parts[2] else {
            return nil
        }
        return ChartColor(rawValue: third)?.name
    }

    private func number(_ text: String?) -> String? {
        allowed(text) { $0 == UInt8(ascii: ".") || isDigit($0) }
    }

    /// Path data and point lists: numbers and the letters of path commands, in one line.
    private func shape(_ text: String?) -> String? {
        let line = text.map { String($0.map { $0.isWhitespace ? " " : $0 }) }
        return allowed(line) { isDigit($0) || pathBytes.contains($0) }
            .map { $0.split(separator: " ").joined(separator: " ") }
    }

    private func transform(_ text: String?) -> String? {
        allowed(text) {
            isDigit($0) || " .,-()".utf8.contains($0) || (0x61...0x7A).contains($0)
        }
    }

    private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private func allowed(_ text: String?, _ isAllowed: (UInt8) -> Bool) -> String? {
        guard let text, !text.isEmpty, text.utf8.allSatisfy(isAllowed) else { return nil }
        var body = text[...]
        while body.last == " " { body.removeLast() }
        return String(body)
    }
}

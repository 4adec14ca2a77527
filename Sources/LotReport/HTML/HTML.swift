import LotCore

/// Text between tags: `<`, `>` and `&` become entities, control characters become visible.
struct HTMLText {
    let raw: String
    /// Longest text shown, in bytes.
    var limit = 4_096

    init(_ raw: String) {
        self.raw = raw
    }

    /// The text as it stands in the page.
    var escaped: String { entities(LotCore.escaped(raw, limit: limit)) }
}

/// The value of an attribute, always written in double quotes.
struct HTMLAttr {
    let raw: String

    init(_ raw: String) {
        self.raw = raw
    }

    /// The value as it stands between the quotes.
    var escaped: String { entities(LotCore.escaped(raw, limit: 1_024)) }
}

/// A piece of a page.
///
/// It can only be made from elements with names known at compile time, from escaped text and
/// escaped attributes, and from drawings that passed ``SVGRewriter``. There is no way to put a
/// string into a page as markup, so text from outside cannot become an element.
struct HTML {
    private(set) var markup: String

    private init(markup: String) {
        self.markup = markup
    }

    /// Text.
    static func text(_ text: String) -> HTML { HTML(markup: HTMLText(text).escaped) }

    /// The end of a line inside `pre`.
    static let lineBreak = HTML(markup: "\n")

    /// Several pieces after one another.
    static func all(_ parts: [HTML]) -> HTML { HTML(markup: parts.map(\.markup).joined()) }

    /// An element; `attributes` are name and value.
    static func element(
        _ tag: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:],
        _ children: HTML...
    ) -> HTML {
        element(tag, attributes, children)
    }

    /// An element with a list of children.
    static func element(
        _ tag: StaticString, _ attributes: KeyValuePairs<StaticString, String>, _ children: [HTML]
    ) -> HTML {
        var markup = opening(tag, attributes)
        for child in children { markup += child.markup }
        return HTML(markup: markup + "</\(tag)>")
    }

    /// An element that has no end tag: `meta`, `br`.
    static func void(_ tag: StaticString, _ attributes: KeyValuePairs<StaticString, String>) -> HTML
    {
        HTML(markup: opening(tag, attributes))
    }

    /// A drawing of ours.
    static func drawing(_ chart: DrawnChart) -> HTML {
        let box = "0 0 \(chart.width) \(chart.height)"
        let attributes: KeyValuePairs<StaticString, String> = [
            "class": "chart", "viewBox": box, "role": "img", "aria-label": chart.title,
        ]
        return HTML(markup: opening("svg", attributes) + chart.markup + "</svg>")
    }

    /// A style sheet fixed at compile time.
    static func style(_ sheet: StaticString) -> HTML {
        HTML(markup: "<style>\(sheet)</style>")
    }

    /// The whole page.
    static func page(_ root: HTML) -> String { "<!DOCTYPE html>\n" + root.markup + "\n" }

    private static func opening(
        _ tag: StaticString, _ attributes: KeyValuePairs<StaticString, String>
    )
        -> String
    {
        var markup = "<\(tag)"
        for (name, value) in attributes {
            markup += " \(name)=\"\(HTMLAttr(value).escaped)\""
        }
        return markup + ">"
    }
}

/// Replaces the five characters that mean something to an HTML parser.
private func entities(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        case "'": result += "&#39;"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

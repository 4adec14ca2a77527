import LotCore
import LotData
import LotOptimize
import LotScript

/// Makes a search space of the parameters that a script declares and of what a user narrows.
///
/// Searched is every choice, every flag, and every number with a smallest and a largest value;
/// other numbers keep their defaults until a range is given.
struct SpaceBuilder {
    private let declared: [DeclaredParameter]
    private let file: String
    private var kinds: [String: DimensionKind] = [:]
    /// Parameters that were given one value.
    private(set) var fixed: [(String, String)] = []

    /// The space as the script declares it.
    init(_ declared: [DeclaredParameter], file: String) {
        self.declared = declared
        self.file = file
        for parameter in declared { kinds[parameter.name] = SpaceBuilder.kind(parameter) }
    }

    /// Takes a parameter out: its value is given otherwise.
    mutating func drop(_ name: String) { kinds[name] = nil }

    /// The dimensions in the order of the script.
    ///
    /// - Throws: 64 if there is nothing to search, 65 if the script declares a range of more
    ///   values than can be told apart.
    func finish() throws(Diagnosis) -> SearchSpace {
        let dimensions = declared.compactMap { parameter in
            kinds[parameter.name].map { Dimension(name: parameter.name, kind: $0) }
        }
        if let wide = dimensions.first(where: \.isTooWide) {
            throw Diagnosis(
                .data, kind: "space.too_wide", subject: escaped(file),
                place: "parameter \(escaped(wide.name))", reason: SpaceBuilder.tooWide,
                hint: "narrow it there, or with --parameter \(escaped(wide.name)) MIN MAX STEP, "
                    + "or give one value")
        }
        guard !dimensions.isEmpty else {
            let names = declared.map(\.name).filter { name in
                !fixed.contains { $0.0 == name }
            }
            throw usage(
                "--parameter", "\(escaped(file)) has no parameter left to search",
                hint: names.isEmpty
                    ? "declare some, as fast = lot.int { 20, min = 5, max = 50 }"
                    : "give a range, as --parameter \(names[0]) 5 50 5")
        }
        return SearchSpace(dimensions: dimensions)
    }

    private static let tooWide =
        "a search tells apart fewer than 9,007,199,254,740,992 values (2^53), "
        + "and this range has as many, or larger ones"

    /// The whole number that a script or a flag gave; the ends of 64 bits are no `Double`.
    private static func whole(_ value: Double) -> Int {
        Int(exactly: value.rounded(.towardZero)) ?? (value < 0 ? .min : .max)
    }

    private static func kind(_ parameter: DeclaredParameter) -> DimensionKind? {
        switch parameter.defaultValue {
        case .bool: return .bool
        case .choice: return parameter.choices.count > 1 ? .choice(parameter.choices) : nil
        case .int:
            guard let low = parameter.minimum, let high = parameter.maximum, low < high else {
                return nil
            }
            return .int(whole(low)...whole(high), step: max(1, whole(parameter.step ?? 1)))
        case .float:
            guard let low = parameter.minimum, let high = parameter.maximum, low < high else {
                return nil
            }
            return .float(
                low...high, step: parameter.step, isLogarithmic: parameter.isLogarithmic)
        }
    }

    /// The words that follow a parameter's name.
    mutating func narrow(
        _ name: String, _ words: [String], flag: String
    ) throws(Diagnosis) {
        guard let parameter = declared.first(where: { $0.name == name }) else {
            throw SpaceBuilder.unknown(name, declared, flag: flag, file)
        }
        func refused(_ reason: String, _ hint: String? = nil) -> Diagnosis {
            usage(flag, "\(escaped(name)): \(reason)", hint: hint)
        }
        try checkBounds(parameter, words, refused)
        if words.count == 1 {
            _ = try parameter.value(parsing: words[0], file: file)
            fixed.removeAll { $0.0 == name }
            fixed.append((name, words[0]))
            kinds[name] = nil
            return
        }
        fixed.removeAll { $0.0 == name }
        switch parameter.defaultValue {
        case .bool, .choice:
            var names: [String] = []
            for word in words {
                _ = try parameter.value(parsing: word, file: file)
                guard !names.contains(word) else { throw refused("\"\(escaped(word))\" twice") }
                names.append(word)
            }
            let isBoth = names.count == 2 && parameter.choices.isEmpty
            kinds[name] = isBoth ? .bool : .choice(names)
        case .int, .float:
            guard words.count <= 3 else {
                throw refused("\(words.count) numbers", "give MIN MAX, or MIN MAX STEP")
            }
            var numbers: [Double] = []
            for word in words.prefix(2) {
                _ = try parameter.value(parsing: word, file: file)
                numbers.append(Double(word) ?? .nan)
            }
            var step: Double?
            if words.count == 3 {
                guard let value = parseDecimal(words[2]), value > 0 else {
                    throw refused("step \"\(escaped(words[2]))\" is not a number above 0")
                }
                step = value
            }
            try set(parameter, numbers, step, refused)
        }
    }

    /// Refuses numbers beyond what the script allows: it would refuse each such point itself.
    private func checkBounds(
        _ parameter: DeclaredParameter, _ words: [String],
        _ refused: (String, String?) -> Diagnosis
    ) throws(Diagnosis) {
        let (low, high) = (parameter.minimum, parameter.maximum)
        let isBeyond = words.prefix(2).contains { word in
            guard let value = Double(word) else { return false }
            return value < low ?? -.infinity || value > high ?? .infinity
        }
        guard isBeyond else { return }
        let bounds =
            switch (low, high) {
            case (let low?, let high?): "\(plainDecimal(low)) to \(plainDecimal(high))"
            case (let low?, nil): "\(plainDecimal(low)) or more"
            case (nil, let high?): "\(plainDecimal(high)) or less"
            case (nil, nil): ""
            }
        throw refused(
            escaped(words.prefix(2).joined(separator: " to "))
                + " is beyond the script's own bounds, \(bounds)",
            "stay within them, or change min and max in \(escaped(file, limit: 128))")
    }

    private mutating func set(
        _ parameter: DeclaredParameter, _ numbers: [Double], _ step: Double?,
        _ refused: (String, String?) -> Diagnosis
    ) throws(Diagnosis) {
        let (low, high) = (numbers[0], numbers[1])
        guard low < high else {
            throw refused("the smallest value is not below the largest", nil)
        }
        if case .int = parameter.defaultValue {
            guard let whole = Int(exactly: step ?? parameter.step ?? 1) else {
                throw refused("a step of a whole number is whole", nil)
            }
            kinds[parameter.name] = .int(
                SpaceBuilder.whole(low)...SpaceBuilder.whole(high), step: max(1, whole))
        } else {
            kinds[parameter.name] = .float(
                low...high, step: step ?? parameter.step,
                isLogarithmic: parameter.isLogarithmic && low > 0)
        }
        if let kind = kinds[parameter.name], Dimension(name: parameter.name, kind: kind).isTooWide {
            throw refused(SpaceBuilder.tooWide, "give a narrower range, or a larger step")
        }
    }

    static func unknown(
        _ name: String, _ declared: [DeclaredParameter], flag: String, _ file: String
    ) -> Diagnosis {
        let names = declared.map(\.name)
        return usage(
            flag, "\(escaped(file)) has no parameter \"\(escaped(name))\"",
            hint: nearest(to: name, in: names).map { "did you mean \"\($0)\"?" }
                ?? (names.isEmpty ? "it has none" : "it has " + names.joined(separator: ", ")))
    }
}

extension SpaceBuilder {
    /// Narrows by a file: `fast = { min = 5, max = 50, step = 5 }`, `mode = ["up", "down"]`,
    /// `slow = 100`.
    ///
    /// - Throws: 66 or 65 for the file, with the line; 64 for what the script does not allow.
    mutating func narrow(file path: String) throws(Diagnosis) {
        let shown = escaped(path, limit: 512)
        let table: TOMLTable
        let bytes = try InputFile.read(path, limit: TOMLReader.maximumBytes)
        do throws(TOMLError) {
            table = try TOMLReader.parse(bytes)
        } catch {
            throw Diagnosis(
                .data, kind: "space.toml", subject: shown,
                place: "line \(error.line), byte \(error.column)", reason: error.reason)
        }
        for member in table.members {
            let flag = "\(shown):\(member.line)"
            guard let words = SpaceBuilder.words(member.value) else {
                throw Diagnosis(
                    .data, kind: "space.form", subject: shown, place: "line \(member.line)",
                    reason: "\(escaped(member.name)) is no range",
                    hint: "write { min = 5, max = 50, step = 5 }, a list of names, or one value")
            }
            try narrow(member.name, words, flag: flag)
        }
    }

    private static func words(_ value: TOMLValue) -> [String]? {
        switch value {
        case .table(let table):
            let known = ["min", "max", "step"]
            guard table.members.allSatisfy({ known.contains($0.name) }),
                let low = table["min"].flatMap(single), let high = table["max"].flatMap(single)
            else { return nil }
            guard let step = table["step"] else { return [low, high] }
            return single(step).map { [low, high, $0] }
        case .array(let values):
            let words = values.compactMap(single)
            return words.count == values.count && !words.isEmpty ? words : nil
        default: return single(value).map { [$0] }
        }
    }

    private static func single(_ value: TOMLValue) -> String? {
        switch value {
        case .string(let text), .integer(let text), .float(let text): text
        case .boolean(let flag): String(flag)
        case .time, .array, .table: nil
        }
    }
}

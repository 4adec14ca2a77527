import Foundation
import LotCore
import LotMath
import LotTestSupport
import Testing

@testable import LotReport

/// `docs/result.schema.json` is what the code writes, and results keep to it.
@Suite struct ResultSchemaTests {
    static let path = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs/result.schema.json")

    private func validator() throws -> SchemaValidator {
        SchemaValidator(try JSONDocument(Data(contentsOf: Self.path)))
    }

    /// `LOT_UPDATE_SNAPSHOTS=1 swift test --filter ResultSchemaTests` writes the file anew.
    @Test func `the published schema is the one the fields describe`() throws {
        let fresh = Data(ResultJSON.renderSchema())
        if ProcessInfo.processInfo.environment["LOT_UPDATE_SNAPSHOTS"] == "1" {
            try fresh.write(to: Self.path)
        }
        #expect(try Data(contentsOf: Self.path) == fresh)
    }

    @Test(arguments: [2, 50, 400, 3_000])
    func `a result keeps to the schema`(bars: Int) throws {
        let document = try JSONDocument(ResultJSON.render(SyntheticRun.result(bars: bars)))
        #expect(try validator().problems(document) == [])
    }

    @Test func `a result without bars, trades or anything known keeps to it too`() throws {
        var result = SyntheticRun.result(bars: 2, tradeEvery: 0)
        result.details = RunDetails()
        result.instrument = Instrument()
        result.settings.volumeLimit = nil
        result.log = []
        result.strategy.parameters.append(NamedParameter("on", .bool(true)))
        result.metrics = MetricDefinition.all.map { MetricValue($0.key, nil) }
        #expect(try validator().problems(try JSONDocument(ResultJSON.render(result))) == [])
    }

    @Test(arguments: [
        ["counters", "orders"], ["counters", "rejections", "min_notional"], ["data", "bars"],
        ["settings", "max_open_positions"],
    ])
    func `a count below 0 is found`(_ path: [String]) throws {
        let document = try JSONDocument(ResultJSON.render(SyntheticRun.result(bars: 400)))
        for (number, problems) in [(0.0, 0), (-1, 1)] {
            let edited = changed(document, path.dropLast()[...]) { members in
                members[path.last ?? ""] = .number(number)
            }
            #expect(try validator().problems(edited).count == problems, "\(path)")
        }
    }

    /// Every object of a document, by its path.
    private func paths(_ value: JSONDocument, _ path: [String]) -> [[String]] {
        switch value {
        case .object(let members):
            [path] + members.flatMap { paths($1, path + [$0]) }
        case .list(let elements):
            elements.first.map { paths($0, path + ["0"]) } ?? []
        default: []
        }
    }

    /// The document with the object at `path` changed.
    private func changed(
        _ value: JSONDocument, _ path: ArraySlice<String>,
        _ edit: (inout [String: JSONDocument]) -> Void
    ) -> JSONDocument {
        switch value {
        case .object(var members):
            if let name = path.first, let member = members[name] {
                members[name] = changed(member, path.dropFirst(), edit)
            } else {
                edit(&members)
            }
            return .object(members)
        case .list(var elements):
            elements[0] = changed(elements[0], path.dropFirst(), edit)
            return .list(elements)
        default: return value
        }
    }

    @Test func `a member too few or too many is found, wherever it is`() throws {
        let validator = try validator()
        let result = SyntheticRun.result(bars: 400)
        let document = try JSONDocument(ResultJSON.render(result))
        let open: Set<String> = ["parameters", "rejections", "expirations"]
        var objects = 0
        for path in paths(document, []) where !open.contains(path.last ?? "") {
            objects += 1
            let more = changed(document, path[...]) { $0["surprise"] = .number(1) }
            #expect(validator.problems(more).count == 1, "\(path)")
            var names: [String] = []
            _ = changed(document, path[...]) { names = Array($0.keys) }
            for name in names {
                let fewer = changed(document, path[...]) { $0[name] = nil }
                #expect(validator.problems(fewer).count == 1, "\(path) \(name)")
            }
        }
        #expect(objects > 20)
    }

    @Test func `wrong kinds of values are found`() throws {
        let validator = try validator()
        let document = try JSONDocument(ResultJSON.render(SyntheticRun.result(bars: 400)))
        let edits: [([String], String, JSONDocument)] = [
            ([], "schema", .text("lot.result/9")), (["data"], "bars", .number(1.5)),
            (["metrics"], "sharpe", .text("1")), (["trades", "0"], "side", .text("up")),
            (["trades", "0"], "ambiguous", .null), (["settings"], "fill_on_touch", .number(1)),
            (["strategy"], "parameters", .object(["x": .list([])])), ([], "warnings", .null),
        ]
        for (path, name, value) in edits {
            let wrong = changed(document, path[...]) { $0[name] = value }
            #expect(!validator.problems(wrong).isEmpty, "\(path) \(name)")
        }
    }

    @Test func `every member is on the page about result files`() throws {
        let page = try String(
            contentsOf: Self.path.deletingLastPathComponent().appending(path: "result.md"),
            encoding: .utf8)
        let metrics = Set(MetricDefinition.keys)
        func names(_ shape: JSONShape) -> [String] {
            switch shape {
            case .object(let members): members.flatMap { [$0.name] + names($0.shape) }
            case .list(let element), .map(let element), .nullable(let element): names(element)
            default: []
            }
        }
        for name in Set(names(ResultJSON.shape)).subtracting(metrics) {
            let isThere = ["`\(name)`", ".\(name)`", "`\(name).", "`\(name)[]`", ".\(name)[]`"]
                .contains { page.contains($0) }
            #expect(isThere, "\(name)")
        }
    }
}

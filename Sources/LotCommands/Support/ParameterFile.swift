import LotCore
import LotData
import LotOptimize
import LotReport
import LotScript

/// A file of parameter values: what `--write-params` writes and `--params` reads.
enum ParameterFile {
    /// Name and version of the format.
    static let schema = "lot.params/1"

    /// The parameters of a file, as `--param` takes them.
    ///
    /// - Throws: 66 or 65 for the file; 65 too where it was written for another script, whose
    ///   parameters may have the same names.
    static func read(_ path: String, for script: String) throws(Diagnosis) -> [(String, String)] {
        let subject = escaped(path, limit: 512)
        let bytes = try InputFile.read(path, limit: 1 << 20, followsLinks: true)
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONReader.parse(bytes)
        } catch {
            throw Diagnosis(
                .data, kind: "params", subject: subject, place: "byte \(error.offset)",
                reason: error.reason)
        }
        guard json["schema"]?.text == schema, let members = json["parameters"]?.members else {
            throw Diagnosis(
                .data, kind: "params", subject: subject, reason: "is no file of parameters",
                hint: "lot optimize … --write-params best.json writes one")
        }
        let name = script.split(separator: "/").last.map(String.init) ?? script
        if let owner = json["strategy"]?.text, owner != name {
            throw Diagnosis(
                .data, kind: "params", subject: subject,
                reason: "was written for \(escaped(owner)), not for \(escaped(name))",
                hint: "change \"strategy\" in it if the script was renamed")
        }
        var result: [(String, String)] = []
        for member in members {
            switch member.value {
            case .string(let text), .number(let text): result.append((member.name, text))
            case .bool(let flag): result.append((member.name, String(flag)))
            default:
                throw Diagnosis(
                    .data, kind: "params", subject: subject, place: escaped(member.name),
                    reason: "is no value of a parameter")
            }
        }
        return result
    }

    /// Whether bytes are such a file.
    static func isOne(_ bytes: [UInt8]) -> Bool {
        guard bytes.count <= 1 << 20, let json = try? JSONReader.parse(bytes) else { return false }
        return json["schema"]?.text == schema
    }

    /// The file for a point: every parameter of the run, fixed and searched.
    static func text(_ setup: StudySetup, _ best: Trial, study: String) -> String {
        var json = JSONWriter()
        json.object { json in
            field(&json, "schema", schema)
            field(&json, "strategy", setup.source.name)
            field(&json, "study", study)
            field(&json, "trial", best.number)
            json.key("parameters")
            json.object { json in
                let searched = setup.space.dimensions.map(\.name)
                for parameter in setup.inputs.strategy.parameters {
                    json.key(parameter.name)
                    if let index = searched.firstIndex(of: parameter.name) {
                        setup.space.write(best.point, index, &json)
                        continue
                    }
                    switch parameter.value {
                    case .int(let value): json.value(value)
                    case .float(let value): json.value(value)
                    case .choice(let value): json.value(value)
                    case .bool(let value): json.value(value)
                    }
                }
            }
        }
        return String(decoding: json.bytes, as: UTF8.self) + "\n"
    }
}

import CSystem
import LotCore

extension SeriesManifest {
    /// The bytes of `series.json`.
    ///
    /// The last member is the CRC-32C of every byte before its line, so damage to the file itself
    /// is found when it is opened.
    func json() -> [UInt8] {
        let object = JSONWriter.object
        let string = JSONWriter.string
        var writer = JSONWriter()
        writer.raw("{\n  \"format\": \"lot-series\",\n  \"version\": \(SeriesManifest.version),\n")
        writer.raw("  \"address\": \(string(place.description)),\n")
        if let interval = place.layout.interval {
            writer.raw("  \"interval_ms\": \(interval.milliseconds),\n")
        }
        writer.raw("  \"rows\": \(rows),\n")
        writer.raw("  \"first_time\": \(firstTime),\n  \"last_time\": \(lastTime),\n")
        writer.raw("  \"block_rows\": \(BlockDigest.rows),\n")
        let columns = digests.map { column, blocks in
            object([
                ("name", string(column.rawValue)), ("type", string(column.descriptor)),
                ("blocks", "[" + blocks.map(string).joined(separator: ", ") + "]"),
            ])
        }
        writer.raw("  \"columns\": \(JSONWriter.lines(columns, indent: "  ")),\n")
        let holes = gaps.map { gap in
            object([("from", "\(gap.from)"), ("to", "\(gap.to)"), ("bars", "\(gap.bars)")])
        }
        writer.raw("  \"gaps\": \(JSONWriter.lines(holes, indent: "  ")),\n")
        let origins = sources.map { source in
            object([
                ("kind", string(source.kind)), ("name", string(source.name)),
                ("sha256", string(source.sha256)), ("rows", "\(source.rows)"),
                ("first_time", "\(source.firstTime)"), ("last_time", "\(source.lastTime)"),
            ])
        }
        writer.raw("  \"sources\": \(JSONWriter.lines(origins, indent: "  ")),\n")
        writer.raw("  \"older_sources\": \(olderSources),\n")
        let body = Array(writer.text.utf8)
        return body + Array("  \"crc32c\": \"\(SeriesManifest.crc(body))\"\n}\n".utf8)
    }

    private static func crc(_ bytes: [UInt8]) -> String {
        let crc = unsafe bytes.withUnsafeBytes { unsafe lot_crc32c($0.baseAddress, $0.count) }
        let digits = String(crc, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// Length of the line with the check sum and the closing brace.
    private static let trailer = "  \"crc32c\": \"00000000\"\n}\n".utf8.count

    /// Reads `series.json`.
    ///
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - place: The series whose folder it is in.
    ///   - subject: The file, for messages.
    /// - Throws: Exit code 65 with what is wrong with it.
    init(parsing bytes: [UInt8], place: SeriesPlace, subject: String) throws(Diagnosis) {
        func damaged(_ reason: String, place: String? = nil) -> Diagnosis {
            Diagnosis(
                .data, kind: "kline.manifest", subject: subject, place: place, reason: reason,
                hint: "restore it from a backup, or delete the folder and import again")
        }
        guard !bytes.isEmpty else { throw damaged("the file is empty") }
        let json: JSONValue
        do {
            json = try JSONReader.parse(bytes)
        } catch {
            throw damaged(error.reason, place: "byte \(grouped(error.offset))")
        }
        guard json["format"]?.text == "lot-series" else {
            throw damaged("not the description of a series (no \"format\": \"lot-series\")")
        }
        if let version = json["version"]?.integer, version > SeriesManifest.version {
            throw Diagnosis(
                .data, kind: "kline.version", subject: subject,
                reason: "format \(version), this lot reads 1", hint: "upgrade lot")
        }
        guard bytes.count > SeriesManifest.trailer,
            json["crc32c"]?.text
                == SeriesManifest.crc(Array(bytes.dropLast(SeriesManifest.trailer)))
        else { throw damaged("changed since it was written (check sum differs)") }
        guard let stored = json["address"]?.text else { throw damaged("no \"address\"") }
        guard stored == place.description else {
            throw Diagnosis(
                .data, kind: "kline.name", subject: subject,
                reason: "holds \(escaped(stored)), its place says \(place)",
                hint: "move the folder back to where it was")
        }
        do {
            self = try SeriesManifest(members: json, place: place)
        } catch {
            throw damaged("\"\(error.member)\" is missing or has the wrong form")
        }
    }

    private struct BadMember: Error {
        let member: String
    }

    private init(members json: JSONValue, place: SeriesPlace) throws(BadMember) {
        self.place = place
        guard json["interval_ms"]?.integer == place.layout.interval?.milliseconds else {
            throw BadMember(member: "interval_ms")
        }
        guard json["block_rows"]?.integer == Int64(BlockDigest.rows) else {
            throw BadMember(member: "block_rows")
        }
        guard let rows = json["rows"]?.integer, rows > 0 else { throw BadMember(member: "rows") }
        self.rows = Int(rows)
        firstTime = try SeriesManifest.integer(json, "first_time")
        lastTime = try SeriesManifest.integer(json, "last_time")
        olderSources = Int(try SeriesManifest.integer(json, "older_sources"))
        digests = []
        for entry in json["columns"]?.elements ?? [] {
            guard let name = entry["name"]?.text, let column = SeriesColumn(rawValue: name),
                place.layout.columns.contains(column),
                entry["type"]?.text == column.descriptor,
                digests.last.map({ $0.column.index < column.index }) ?? true,
                let blocks = entry["blocks"]?.elements?.compactMap(\.text),
                blocks.count == BlockDigest.count(rows: self.rows),
                blocks.allSatisfy({ $0.utf8.count == 32 })
            else { throw BadMember(member: "columns") }
            digests.append((column, blocks))
        }
        let present = digests.map(\.column)
        guard place.layout.required.allSatisfy(present.contains) else {
            throw BadMember(member: "columns")
        }
        gaps = []
        for entry in json["gaps"]?.elements ?? [] {
            gaps.append(
                Gap(
                    from: try SeriesManifest.integer(entry, "from"),
                    to: try SeriesManifest.integer(entry, "to"),
                    bars: Int(try SeriesManifest.integer(entry, "bars"))))
        }
        sources = []
        for entry in json["sources"]?.elements ?? [] {
            guard let kind = entry["kind"]?.text, let name = entry["name"]?.text,
                let sha256 = entry["sha256"]?.text
            else { throw BadMember(member: "sources") }
            sources.append(
                SeriesSource(
                    kind: kind, name: name, sha256: sha256,
                    rows: Int(try SeriesManifest.integer(entry, "rows")),
                    firstTime: try SeriesManifest.integer(entry, "first_time"),
                    lastTime: try SeriesManifest.integer(entry, "last_time")))
        }
    }

    private static func integer(_ json: JSONValue, _ name: String) throws(BadMember) -> Int64 {
        guard let value = json[name]?.integer else { throw BadMember(member: name) }
        return value
    }
}

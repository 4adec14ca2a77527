import LotCore

/// Builds the diagnoses of one imported file.
struct ImportPlace {
    /// The file as the user named it, and for an archive the entry in it.
    let subject: String

    init(path: String) {
        subject = escaped(path, limit: 1_024)
    }

    /// A fault of the content: exit code 65.
    func bad(
        _ kind: String, line: Int? = nil, column: String? = nil, _ reason: String,
        hint: String? = nil
    ) -> Diagnosis {
        var place = line.map { "line \(grouped($0))" }
        if let column { place = (place.map { $0 + ", " } ?? "") + "column \"\(escaped(column))\"" }
        return Diagnosis(
            .data, kind: "import." + kind, subject: subject, place: place, reason: reason,
            hint: hint)
    }

    /// A fault of a numbered row of a JSON file.
    func badRow(_ kind: String, _ row: Int, _ reason: String) -> Diagnosis {
        Diagnosis(
            .data, kind: "import." + kind, subject: subject, place: "row \(grouped(row))",
            reason: reason)
    }
}

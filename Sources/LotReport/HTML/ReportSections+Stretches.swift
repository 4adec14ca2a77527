import LotCore

extension ReportSections {
    /// The stretches that a run was put together from; nothing for a run of one piece.
    static func stretches(_ result: RunResult) -> HTML {
        guard let stitching = result.stitching else { return .all([]) }
        let rows = stitching.stretches.map { stretch in
            HTML.element(
                "tr", [:],
                [
                    ReportCell.word(CivilTime.text(stretch.start)),
                    .word(CivilTime.text(stretch.end)), ReportCell(text: "\(stretch.fold)"),
                    ReportCell(text: "\(stretch.trial)"), .word(stretch.parameterText),
                ].map(cell))
        }
        let path =
            stitching.paths > 1
            ? " It is path \(stitching.path) of \(stitching.paths), the median one." : ""
        return .element(
            "section", [:],
            .element("h2", [:], .text("Put together out of sample")),
            table("list words", ["From", "To", "Search", "Trial", "Parameters"], rows),
            .element(
                "p", ["class": "small"],
                .text(
                    "Study \(stitching.study), \(stitching.scheme). Each stretch was run with "
                        + "what a search chose without it: it began without a position, with the "
                        + "cash that the one before it ended with, and was closed at its "
                        + "end. Buy & hold is held in the stretches only; durations leave out what "
                        + "lies between them.\(path)"
                )))
    }
}

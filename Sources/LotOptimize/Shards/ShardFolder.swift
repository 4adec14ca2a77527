import Glibc
public import LotCore

/// The shards of a study in one folder.
public struct ShardFolder: Sendable {
    /// The folder's path.
    public let path: String

    /// Names a folder; nothing is opened.
    public init(_ path: String) { self.path = path }

    /// One file of it.
    public struct Shard: Sendable {
        /// What it is.
        public var header: ShardHeader
        /// Its file.
        public var name: String
        /// Its trials so far.
        public var trials: [ShardTrial]
        /// Whether it is whole.
        public var isWhole: Bool
    }

    /// Every shard, by number; where one is there whole and as a journal, the whole one.
    ///
    /// - Parameter study: Only shards of this study; others are refused.
    /// - Returns: The shards.
    /// - Throws: 65 for a file that is damaged, or a shard of something else.
    /// - Complexity: O(bytes of all files).
    public func shards(of study: String? = nil) throws(Diagnosis) -> [Shard] {
        var found: [Int: Shard] = [:]
        for name in names() {
            guard let shard = try shard(name, study) else { continue }
            let known = found[shard.header.shard]
            if known == nil || shard.isWhole || !(known?.isWhole ?? false) {
                if known?.isWhole == true, !shard.isWhole { continue }
                found[shard.header.shard] = shard
            }
        }
        return found.values.sorted { $0.header.shard < $1.header.shard }
    }

    private func shard(_ name: String, _ study: String?) throws(Diagnosis) -> Shard? {
        let isJournal = name.hasSuffix(".part")
        let bytes = try ShardFile.read(path + "/" + name)
        let subject = escaped(path + "/" + name, limit: 512)
        guard let content = ShardFormat.read(bytes) else {
            // A journal that has just been made is empty.
            if isJournal { return nil }
            throw Diagnosis(
                .data, kind: "shard.damaged", subject: subject, reason: "is damaged",
                hint: "remove it and run the shard again")
        }
        if !isJournal, !content.isWhole || content.length != bytes.count {
            throw Diagnosis(
                .data, kind: "shard.damaged", subject: subject,
                reason: "is damaged behind byte \(grouped(content.length))",
                hint: "remove it and run shard \(content.header.shard) again")
        }
        if let study, content.header.study != study {
            throw Diagnosis(
                .data, kind: "shard.study", subject: subject,
                reason: "is of another study: script, data or settings differ",
                hint: "give each study a folder of its own")
        }
        return Shard(
            header: content.header, name: name, trials: content.trials,
            isWhole: content.isWhole && !isJournal)
    }

    /// Removes every shard; what is not one stays.
    public func clear() {
        for name in names() { unsafe unlink(path + "/" + name) }
        unsafe rmdir(path)
    }

    /// The files that are named as shards, sorted.
    private func names() -> [String] {
        guard let folder = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            let isShard = name.hasSuffix(".lotshard") || name.hasSuffix(".lotshard.part")
            if isShard, name.hasPrefix("shard-") { names.append(name) }
        }
        return names.sorted()
    }
}

extension ShardFolder {
    /// Merges the shards of a study into its log: what the log has already is left as it is.
    ///
    /// - Parameters:
    ///   - study: Identity of the study.
    ///   - log: Where trials are kept.
    ///   - folds: Numbers of the searches.
    /// - Returns: Number of shards.
    /// - Throws: 75 with the missing shards; 65 where files are damaged or two shards have
    ///   different results for one trial.
    public func merge(
        _ study: String, into log: inout some TrialLog, folds: [Int]
    ) throws(Diagnosis) -> Int {
        let shards = try shards(of: study)
        guard let count = shards.first?.header.count else {
            throw Diagnosis(
                .noInput, kind: "shard.none", subject: escaped(path, limit: 512),
                reason: "holds no shard", hint: "run lot optimize … --shard 0/4 first")
        }
        if let other = shards.first(where: { $0.header.count != count }) {
            throw Diagnosis(
                .data, kind: "shard.count", subject: escaped(path + "/" + other.name, limit: 512),
                reason: "is one of \(other.header.count), others are of \(count)",
                hint: "remove the shards of an earlier division")
        }
        if let other = shards.first(where: { $0.header.budget != shards[0].header.budget }) {
            throw Diagnosis(
                .data, kind: "shard.budget", subject: escaped(path + "/" + other.name, limit: 512),
                reason: "is of \(counted(other.header.budget, "trial")), others are of "
                    + grouped(shards[0].header.budget),
                hint: "remove the shards of an earlier --trials")
        }
        let whole = Set(shards.filter(\.isWhole).map(\.header.shard))
        let missing = (0..<count).filter { !whole.contains($0) }
        guard missing.isEmpty else {
            let shown = missing.prefix(20).map(String.init).joined(separator: ", ")
            throw Diagnosis(
                .tryLater, kind: "shard.missing", subject: escaped(path, limit: 512),
                reason: "\(counted(missing.count, "shard")) of \(count) not done: \(shown)"
                    + (missing.count > 20 ? ", …" : ""), hint: "run them and merge again")
        }
        for fold in folds { try merge(shards, fold, into: &log) }
        return count
    }

    private func merge(
        _ shards: [Shard], _ fold: Int, into log: inout some TrialLog
    ) throws(Diagnosis) {
        var trials = shards.flatMap { $0.trials.filter { $0.fold == fold }.map(\.trial) }
        trials.sort { $0.number < $1.number }
        var merged: [Trial] = []
        merged.reserveCapacity(trials.count)
        for trial in trials {
            if let last = merged.last, last.number == trial.number {
                guard last.isSame(as: trial) else {
                    throw Diagnosis(
                        .data, kind: "shard.differs", subject: escaped(path, limit: 512),
                        place: "trial \(trial.number)", reason: "two shards have other results",
                        hint: "they were made by different versions of lot; run all again")
                }
                continue
            }
            guard trial.number == merged.count else {
                throw Diagnosis(
                    .data, kind: "shard.gap", subject: escaped(path, limit: 512),
                    place: "trial \(merged.count)", reason: "is in no shard",
                    hint: "run all shards again")
            }
            merged.append(trial)
        }
        let kept = try log.count(fold: fold)
        for start in stride(from: kept, to: merged.count, by: 4_096) {
            try log.append(
                Array(merged[start..<min(merged.count, start + 4_096)]), fold: fold)
        }
    }
}

extension Trial {
    /// Whether two records are of one run: the same bits, undefined ones included.
    func isSame(as other: Trial) -> Bool {
        func same(_ one: [Double], _ two: [Double]) -> Bool {
            one.count == two.count
                && zip(one, two).allSatisfy {
                    $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN)
                }
        }
        return number == other.number && status == other.status && point == other.point
            && violation == other.violation && same(values, other.values)
            && same(metrics, other.metrics) && same(blocks, other.blocks)
            && message == other.message && rung == other.rung
    }
}

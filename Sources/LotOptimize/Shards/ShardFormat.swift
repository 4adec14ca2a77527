/// What stands at the beginning of a shard's file.
public struct ShardHeader: Sendable, Equatable {
    /// Identity of the study, 64 hexadecimal digits.
    public var study: String
    /// Its number, from 0.
    public var shard: Int
    /// Number of shards.
    public var count: Int
    /// Trials of each search.
    public var budget: Int
    /// The command that made it, for the one that merges: words after `lot`.
    public var arguments: [String]

    /// Gathers a header.
    public init(study: String, shard: Int, count: Int, budget: Int, arguments: [String]) {
        self.study = study
        self.shard = shard
        self.count = count
        self.budget = budget
        self.arguments = arguments
    }

    var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.put(study)
        writer.put(Int64(shard))
        writer.put(Int64(count))
        writer.put(Int64(budget))
        writer.put(UInt32(arguments.count))
        for word in arguments { writer.put(word) }
        return writer.bytes
    }

    init?(_ bytes: ArraySlice<UInt8>) {
        var reader = ByteReader(bytes)
        guard let study = reader.text(), let shard = reader.integer(Int64.self),
            let count = reader.integer(Int64.self), let budget = reader.integer(Int64.self),
            let words = reader.integer(UInt32.self), words <= 10_000,
            count > 0, (0..<count).contains(shard), budget >= 0
        else { return nil }
        var arguments: [String] = []
        for _ in 0..<words {
            guard let word = reader.text() else { return nil }
            arguments.append(word)
        }
        guard reader.isAtEnd else { return nil }
        self.init(
            study: study, shard: Int(shard), count: Int(count), budget: Int(budget),
            arguments: arguments)
    }
}

/// A trial as a shard keeps it.
public struct ShardTrial: Sendable, Equatable {
    /// Its search.
    public var fold: Int
    /// What was tried.
    public var trial: Trial
}

/// The bytes of a shard: a mark, then frames of length, checksum and content.
///
/// The first frame is the header, the last one says that it is whole; each of the others holds
/// trials.
///
/// A frame that was being written when the machine stopped is not there: its length or checksum is
/// wrong, and what follows it is ignored.
enum ShardFormat {
    /// The first bytes of a file.
    static let mark = Array("lot.shard/1\n".utf8)
    private static let headerKind: UInt8 = 1
    static let trialsKind: UInt8 = 2
    private static let endKind: UInt8 = 3

    /// A frame: kind, length, checksum of kind and content, content.
    private static func frame(_ kind: UInt8, _ content: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.put(kind)
        writer.put(UInt32(content.count))
        writer.put(crc32c([kind] + content))
        return writer.bytes + content
    }

    static func beginning(_ header: ShardHeader) -> [UInt8] {
        mark + frame(headerKind, header.bytes)
    }

    static func trials(_ trials: [Trial], fold: Int) -> [UInt8] {
        var writer = ByteWriter()
        writer.put(UInt32(trials.count))
        for trial in trials {
            writer.put(Int64(fold))
            writer.put(Int64(trial.number))
            writer.put(UInt8(trial.status.rawValue))
            writer.put(trial.violation)
            writer.put(trial.point.coordinates)
            writer.put(trial.values)
            writer.put(trial.metrics)
            writer.put(trial.blocks)
            writer.put(UInt8(trial.message == nil ? 0 : 1))
            writer.put(trial.message)
            writer.put(Int64(trial.rung))
        }
        return frame(trialsKind, writer.bytes)
    }

    /// Says that nothing follows, and how many trials came before.
    static func end(_ count: Int) -> [UInt8] {
        var writer = ByteWriter()
        writer.put(Int64(count))
        return frame(endKind, writer.bytes)
    }

    /// What a file holds.
    struct Content {
        var header: ShardHeader
        var trials: [ShardTrial] = []
        /// Whether the last frame is there and counts what came before it.
        var isWhole = false
        /// Bytes of the frames that are good.
        var length: Int
    }

    /// Reads a file; `nil` if it does not begin as one.
    static func read(_ bytes: [UInt8]) -> Content? {
        guard bytes.starts(with: mark) else { return nil }
        var index = mark.count
        guard let first = next(bytes, &index), first.kind == headerKind,
            let header = ShardHeader(first.content)
        else { return nil }
        var content = Content(header: header, length: index)
        while let frame = next(bytes, &index), !content.isWhole {
            if frame.kind == endKind {
                var reader = ByteReader(frame.content)
                content.isWhole = reader.integer(Int64.self) == Int64(content.trials.count)
                guard content.isWhole else { break }
            } else if frame.kind == trialsKind, let trials = trials(frame.content) {
                content.trials += trials
            } else {
                break
            }
            content.length = index
        }
        return content
    }

    private static func next(
        _ bytes: [UInt8], _ index: inout Int
    ) -> (kind: UInt8, content: ArraySlice<UInt8>)? {
        var reader = ByteReader(bytes[index...])
        guard let kind = reader.integer(UInt8.self), let length = reader.integer(UInt32.self),
            let sum = reader.integer(UInt32.self), Int(length) <= bytes.count - index - 9
        else { return nil }
        let content = bytes[(index + 9)..<(index + 9 + Int(length))]
        guard crc32c([kind] + content) == sum else { return nil }
        index += 9 + Int(length)
        return (kind, content)
    }

    private static func trials(_ bytes: ArraySlice<UInt8>) -> [ShardTrial]? {
        var reader = ByteReader(bytes)
        guard let count = reader.integer(UInt32.self) else { return nil }
        var result: [ShardTrial] = []
        for _ in 0..<count {
            guard let fold = reader.integer(Int64.self), let number = reader.integer(Int64.self),
                let status = reader.integer(UInt8.self).flatMap({ TrialStatus(rawValue: Int($0)) }),
                let violation = reader.double(), let point = reader.doubles(),
                let values = reader.doubles(), let metrics = reader.doubles(),
                let blocks = reader.doubles(), let hasMessage = reader.integer(UInt8.self),
                let message = reader.text(), let rung = reader.integer(Int64.self)
            else { return nil }
            result.append(
                ShardTrial(
                    fold: Int(fold),
                    trial: Trial(
                        number: Int(number), point: Point(point), status: status, values: values,
                        violation: violation, metrics: metrics, blocks: blocks,
                        message: hasMessage == 1 ? message : nil, rung: Int(rung))))
        }
        return reader.isAtEnd ? result : nil
    }
}

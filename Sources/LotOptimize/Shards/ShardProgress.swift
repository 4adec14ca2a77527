import Glibc

/// How far shards are, told from their files without reading the trials again and again.
///
/// Each look reads only the heads of the frames that have been added: a kind, a length, a checksum
/// and the number of trials. It decides nothing but a progress line and when to look closer;
/// merging reads everything and checks it.
public struct ShardProgress {
    private struct Place {
        var offset: Int64 = 0
        var trials = 0
        var isWhole = false
    }

    private let folder: String
    private var places: [Place]

    /// Looks at the shards of a division in a folder.
    public init(folder: String, count: Int) {
        self.folder = folder
        places = Array(repeating: Place(), count: count)
    }

    /// Trials that are kept, of all shards and searches.
    public var trials: Int { places.reduce(0) { $0 + $1.trials } }

    /// Numbers of the shards that are whole.
    public var whole: Set<Int> { Set(places.indices.filter { places[$0].isWhole }) }

    /// Numbers of the others.
    public var missing: [Int] { places.indices.filter { !places[$0].isWhole } }

    /// Looks again.
    ///
    /// - Complexity: A file opened for each shard that is not whole, and a read for each new frame.
    public mutating func update() {
        for shard in places.indices where !places[shard].isWhole {
            let path = folder + "/" + ShardFile.name(shard, of: places.count)
            let whole = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            if whole >= 0 {
                scan(whole, &places[shard])
                close(whole)
                places[shard].isWhole = true
                continue
            }
            let part = unsafe open(path + ".part", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard part >= 0 else { continue }
            scan(part, &places[shard])
            close(part)
        }
    }

    /// Goes over the frames behind a place as far as they are all there.
    private func scan(_ file: Int32, _ place: inout Place) {
        let end = Int64(lseek(file, 0, SEEK_END))
        // A journal that was begun anew.
        if end < place.offset { place = Place() }
        if place.offset == 0 { place.offset = Int64(ShardFormat.mark.count) }
        var head = [UInt8](repeating: 0, count: 13)
        while place.offset + 13 <= end {
            let got = unsafe head.withUnsafeMutableBytes { bytes in
                unsafe pread(file, bytes.baseAddress, bytes.count, off_t(place.offset))
            }
            guard got == 13 else { return }
            var reader = ByteReader(head[...])
            guard let kind = reader.integer(UInt8.self), let length = reader.integer(UInt32.self),
                reader.integer(UInt32.self) != nil, let first = reader.integer(UInt32.self),
                place.offset + 9 + Int64(length) <= end
            else { return }
            if kind == ShardFormat.trialsKind { place.trials += Int(first) }
            place.offset += 9 + Int64(length)
        }
    }
}

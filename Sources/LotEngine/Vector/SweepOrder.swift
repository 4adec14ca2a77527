import LotMath

/// The order in which a sweep runs its sets: sets that read the same series stand together.
///
/// A set is a point whose coordinates are the series it reads, by their place in its conditions:
/// for a cross of two averages, the fast and the slow one. Halving the points along the coordinate
/// with the most values gives boxes: 128 pairs read 23 averages there, where 128 pairs in the
/// order of a loop may read 129.
///
/// If sets are few, each thread has one share of them, dealt like cards along one coordinate, and
/// the groups of the shares take turns, so that what runs at the same time takes as long: what
/// trades often, as sets of short series do, is not all on one thread.
///
/// - Complexity: O(sets · series a set · log(sets)).
struct SweepOrder {
    /// Numbers of the sets in the order of running.
    private(set) var numbers: [Int]
    /// What is run together: consecutive places in ``numbers``, of nearly equal counts.
    private(set) var groups: [Range<Int>] = []
    /// By set, its coordinates; those that it has not are 0.
    private var ranks: [UInt32]
    private let width: Int
    /// By coordinate, the lengths of its series, in rows, by rank.
    private var lengths: [[Int]]
    private var scratch: [Int] = []

    /// Coordinates that are looked at.
    private static let most = 6
    /// Groups a thread from which on they are given out to whoever is free.
    private static let many = 48

    /// Orders sets.
    ///
    /// - Parameters:
    ///   - sets: All sets.
    ///   - program: The graph that holds their nodes.
    ///   - groupSize: Most sets of a group.
    ///   - threads: Threads that will run them.
    init(_ sets: [RuleSet], _ program: SeriesProgram, groupSize: Int, threads: Int) {
        numbers = Array(sets.indices)
        width = SweepOrder.most
        (ranks, lengths) = SweepOrder.ranks(sets, program, width)
        guard !sets.isEmpty else { return }
        scratch = numbers
        let parts = (sets.count + groupSize - 1) / groupSize
        if threads == 1 || parts >= SweepOrder.many * threads {
            divide(numbers.indices, parts)
        } else {
            let ends = deal(threads).map { share in
                divide(share, (share.count + groupSize - 1) / groupSize)
                return groups.count
            }
            takeTurns(ends)
        }
        (ranks, scratch, lengths) = ([], [], [])
    }

    /// Deals all sets into shares of nearly equal counts, whole rows of a coordinate as far as they
    /// go.
    ///
    /// The coordinate is the one whose series differ least in length, of those with a few values
    /// for each share: how often a set trades hangs on its shortest series, so each share has
    /// nearly the same of those. Of that coordinate, each share is given one row a round, the
    /// shortest the share that has the fewest short ones so far.
    ///
    /// - Returns: The places of each share, all of them not empty.
    private mutating func deal(_ count: Int) -> [Range<Int>] {
        let extents = (0..<width).map { extent(numbers.indices, $0) }
        let wide = extents.indices.filter { extents[$0].values > 3 * count }
        let column = wide.min { spread($0) < spread($1) } ?? widest(extents)
        sort(numbers.indices, column, extents[column])
        let rows = rows(along: column)
        let whole = rows.count / count * count
        // Where rows are left over, their sets are dealt one by one.
        var cards = rows[..<whole].map { Card(row: $0, rank: 0) }
        cards += rows[whole...].enumerated().flatMap { index, row in
            row.map { Card(row: $0..<$0 + 1, rank: UInt32(whole / count + index + 1)) }
        }
        // A share has each `count`-th row: numbered one after the other in it, it is no wider than
        // the rows that it has, and is halved where it is widest.
        for index in 0..<whole { cards[index].rank = UInt32(index / count + 1) }
        let hands = deal(cards, count, column)
        for card in cards {
            for number in numbers[card.row] { ranks[number * width + column] = card.rank }
        }
        numbers = hands.flatMap { hand in hand.flatMap { numbers[cards[$0].row] } }
        var start = 0
        return hands.compactMap { hand in
            let size = hand.reduce(0) { $0 + cards[$1].row.count }
            start += size
            return size > 0 ? start - size..<start : nil
        }
    }

    /// What a share is given at a time: places, and what their coordinate becomes.
    private struct Card {
        var row: Range<Int>
        var rank: UInt32
    }

    /// Gives each share one card a round; the first of a round, whose series is the shortest, goes
    /// to the share whose cards weigh least.
    ///
    /// - Returns: By share, the numbers of its cards.
    private func deal(_ cards: [Card], _ count: Int, _ column: Int) -> [[Int]] {
        var hands = [[Int]](repeating: [], count: count)
        var weights = [Double](repeating: 0, count: count)
        for first in stride(from: 0, to: cards.count, by: count) {
            let shares = (0..<count).sorted { (weights[$0], $0) < (weights[$1], $1) }
            for (share, card) in zip(shares, first..<min(first + count, cards.count)) {
                hands[share].append(card)
                let row = cards[card].row
                let rank = Int(ranks[numbers[row.lowerBound] * width + column])
                weights[share] += Double(row.count) / Double(lengths[column][rank])
            }
        }
        return hands
    }

    /// The places of equal rank, which are sorted along a coordinate; the shortest series first.
    private func rows(along column: Int) -> [Range<Int>] {
        func rank(_ place: Int) -> Int { Int(ranks[numbers[place] * width + column]) }
        var rows: [Range<Int>] = []
        for place in numbers.indices {
            if place == 0 || rank(place) != rank(place - 1) { rows.append(place..<place) }
            rows[rows.count - 1] = rows[rows.count - 1].lowerBound..<place + 1
        }
        let of = { (row: Range<Int>) in lengths[column][rank(row.lowerBound)] }
        return rows.sorted { (of($0), $0.lowerBound) < (of($1), $1.lowerBound) }
    }

    /// How far the series of a coordinate differ: the longest against the shortest.
    private func spread(_ column: Int) -> Double {
        let all = lengths[column].dropFirst()
        return Double(all.max() ?? 1) / Double(all.min() ?? 1)
    }

    /// Halves places until each part is a group.
    private mutating func divide(_ places: Range<Int>, _ parts: Int) {
        guard parts > 1 else { return groups.append(places) }
        let extents = (0..<width).map { extent(places, $0) }
        let column = widest(extents)
        sort(places, column, extents[column])
        let left = parts / 2
        let middle = places.lowerBound + places.count * left / parts
        divide(places.lowerBound..<middle, left)
        divide(middle..<places.upperBound, parts - left)
    }

    /// Puts the groups of shares in turns: the first of each, the second of each.
    private mutating func takeTurns(_ ends: [Int]) {
        let starts = [0] + ends.dropLast()
        let turns = zip(starts, ends).map { $1 - $0 }.max() ?? 0
        groups = (0..<turns).flatMap { turn in
            zip(starts, ends).compactMap { start, end in
                start + turn < end ? groups[start + turn] : nil
            }
        }
    }

    /// The lowest rank of a coordinate at places, and how many values it can have there.
    private func extent(_ places: Range<Int>, _ column: Int) -> (low: Int, values: Int) {
        var (low, high) = (UInt32.max, UInt32.min)
        for place in places {
            let rank = ranks[numbers[place] * width + column]
            low = min(low, rank)
            high = max(high, rank)
        }
        return (Int(low), Int(high) - Int(low) + 1)
    }

    private func widest(_ extents: [(low: Int, values: Int)]) -> Int {
        // Of equals the first.
        extents.indices.reduce(0) { extents[$1].values > extents[$0].values ? $1 : $0 }
    }

    /// Sorts places by a coordinate, by counting.
    private mutating func sort(
        _ places: Range<Int>, _ column: Int, _ extent: (low: Int, values: Int)
    ) {
        guard extent.values > 1 else { return }
        var starts = [Int](repeating: 0, count: extent.values + 1)
        func bucket(_ number: Int) -> Int { Int(ranks[number * width + column]) - extent.low }
        for place in places { starts[bucket(numbers[place]) + 1] += 1 }
        for index in 1..<starts.count { starts[index] += starts[index - 1] }
        for place in places {
            let bucket = bucket(numbers[place])
            scratch[places.lowerBound + starts[bucket]] = numbers[place]
            starts[bucket] += 1
        }
        for place in places { numbers[place] = scratch[place] }
    }

    /// The coordinates of all sets: for each place in a set's conditions, the number of the series
    /// among all that stand there, from 1, or 0; and the lengths of these series, by number.
    private static func ranks(
        _ sets: [RuleSet], _ program: SeriesProgram, _ width: Int
    ) -> (ranks: [UInt32], lengths: [[Int]]) {
        var walk = SeriesWalk(program)
        var nodes = [NodeID](repeating: -1, count: sets.count * width)
        for (index, set) in sets.enumerated() {
            walk.series(of: set.rules.conditions, most: width) { column, node in
                nodes[index * width + column] = node
            }
        }
        var ranks = [UInt32](repeating: 0, count: nodes.count)
        var lengths = [[Int]](repeating: [1], count: width)
        for column in 0..<width {
            var rankOf = [UInt32](repeating: 0, count: program.nodes.count)
            for place in stride(from: column, to: nodes.count, by: width) where nodes[place] >= 0 {
                rankOf[Int(nodes[place])] = 1
            }
            for node in rankOf.indices where rankOf[node] > 0 {
                rankOf[node] = UInt32(lengths[column].count)
                lengths[column].append(program.warmUps[node] + 1)
            }
            for place in stride(from: column, to: nodes.count, by: width) where nodes[place] >= 0 {
                ranks[place] = rankOf[Int(nodes[place])]
            }
        }
        return (ranks, lengths)
    }
}

/// Finds the computed series that conditions are made of.
private struct SeriesWalk {
    private let program: SeriesProgram
    /// By node, the last walk that came past it.
    private var seen: [Int]
    private var walks = 0
    private var stack: [NodeID] = []

    init(_ program: SeriesProgram) {
        self.program = program
        seen = [Int](repeating: 0, count: program.nodes.count)
    }

    /// Calls `found` for the first indicators and functions below `roots`, numbered from 0.
    mutating func series(of roots: [NodeID?], most: Int, _ found: (Int, NodeID) -> Void) {
        walks += 1
        stack.removeAll(keepingCapacity: true)
        for root in roots.reversed() { if let root { stack.append(root) } }
        var count = 0
        while count < most, let node = stack.popLast() {
            guard seen[Int(node)] != walks else { continue }
            seen[Int(node)] = walks
            let operation = program.nodes[Int(node)].operation
            switch operation {
            case .indicator, .defined:
                found(count, node)
                count += 1
            default: break
            }
            stack += program.nodes[Int(node)].inputs.reversed()
        }
    }
}

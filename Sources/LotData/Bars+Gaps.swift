public import LotCore

extension Bars {
    /// Returns the bars with every hole filled by flat bars of zero volume at the last close.
    ///
    /// The bars themselves come back, without a copy, where nothing is missing.
    /// - Complexity: O(n) time and, where there is a hole, memory.
    public func fillingGaps() -> Bars {
        guard count > 1 else { return self }
        let step = interval.milliseconds
        let wanted = Int((openTime[count - 1] - openTime[0]) / step) + 1
        guard wanted > count else { return self }
        var result: [Bar] = []
        result.reserveCapacity(wanted)
        for index in 0..<count {
            if let last = result.last {
                var time = last.openTime + step
                while time < openTime[index] {
                    result.append(
                        Bar(
                            openTime: time, open: last.close, high: last.close, low: last.close,
                            close: last.close, volume: 0))
                    time += step
                }
            }
            result.append(self[index])
        }
        return Bars(interval: interval, result, hasVolume: volume != nil)
    }
}

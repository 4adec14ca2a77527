/// A read-only column of numbers that shares its memory with whoever made it.
///
/// The memory is a mapped file or a block on the heap; it never moves and never changes while the
/// column lives. Copying a column copies a pointer and a reference.
///
/// Thread-safe: the memory is immutable, so the type is `@unchecked Sendable`.
@safe
public struct Column<Element: BitwiseCopyable>: @unchecked Sendable {
    /// Number of elements.
    public let count: Int
    private let base: UnsafePointer<Element>
    private let owner: AnyObject

    /// Wraps memory that `owner` keeps alive and unchanged.
    ///
    /// - Parameters:
    ///   - base: First of `count` initialised elements.
    ///   - count: Number of elements, at least 0.
    ///   - owner: The object whose deinitialiser frees or unmaps the memory.
    public init(base: UnsafePointer<Element>, count: Int, owner: AnyObject) {
        precondition(count >= 0)
        unsafe self.base = unsafe base
        self.count = count
        self.owner = owner
    }

    /// Copies an array into a new column.
    ///
    /// - Complexity: O(`values.count`).
    public init(_ values: [Element]) {
        let storage = HeapStorage<Element>(values)
        unsafe self.init(
            base: UnsafePointer(storage.base), count: values.count, owner: storage)
    }

    /// The element at `index`, which must be in `0..<count`.
    @inlinable
    public subscript(index: Int) -> Element {
        precondition(index >= 0 && index < count, "column index out of range")
        return unsafe start[index]
    }

    /// The first element's address, valid while the column lives; for kernels and C.
    @inlinable
    public var start: UnsafePointer<Element> { unsafe _base }

    @usableFromInline
    var _base: UnsafePointer<Element> { unsafe base }

    /// A column over some of the elements; it shares the memory.
    ///
    /// - Parameter range: Rows of this column.
    /// - Returns: A column whose row 0 is the range's first.
    public func slice(_ range: Range<Int>) -> Column {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return unsafe Column(
            base: base + range.lowerBound, count: range.count, owner: owner)
    }

    /// The elements as an array.
    ///
    /// - Complexity: O(`count`).
    public var array: [Element] {
        unsafe Array(UnsafeBufferPointer(start: base, count: count))
    }
}

extension Column where Element == Int64 {
    /// Returns the index of the first element that is at least `time`, of a column that rises;
    /// ``count`` if there is none.
    ///
    /// - Complexity: O(log n).
    public func firstIndex(atOrAfter time: Int64) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = low + (high - low) / 2
            if self[middle] < time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// A block on the heap that lives as long as the columns that refer to it.
@safe
private final class HeapStorage<Element: BitwiseCopyable> {
    let base: UnsafeMutablePointer<Element>

    init(_ values: [Element]) {
        unsafe base = .allocate(capacity: max(1, values.count))
        for (index, value) in values.enumerated() {
            unsafe (base + index).initialize(to: value)
        }
    }

    deinit { unsafe base.deallocate() }
}

/// Bytes on their way into a file or a document, stored word by word.
///
/// An array asks before each byte whether it is shared and whether there is room; a run's files
/// have eight million. Here each piece of up to sixteen bytes asks once for room. What does not
/// fit is handed on to where the bytes go, so that the buffer of a long file stays in the cache,
/// or the buffer grows where they go nowhere.
///
/// - Complexity: O(bytes), amortised.
@safe
public struct ByteBuffer: ~Copyable {
    /// Number of bytes that are here: all of them, unless they are handed on.
    package private(set) var count = 0
    private var capacity: Int
    private var base: UnsafeMutablePointer<UInt8>
    private let handOn: ((UnsafeRawBufferPointer) -> Void)?
    /// The date that was written last, and the day it belongs to: times come by the thousand from
    /// one day (``put(time:)``).
    var newestDay = Int64.min
    /// `2024-01-31T`, the first byte lowest.
    var newestDate: UInt128 = 0

    /// Room for `capacity` bytes at first, which grows.
    package init(capacity: Int = 4_096) {
        self.capacity = max(64, capacity)
        unsafe base = .allocate(capacity: self.capacity)
        unsafe handOn = nil
    }

    /// Room for `piece` bytes, which are handed on whenever it is full; ``flush()`` hands on the
    /// rest.
    package init(piece: Int, handOn: @escaping (UnsafeRawBufferPointer) -> Void) {
        capacity = max(64, piece)
        unsafe base = .allocate(capacity: capacity)
        unsafe self.handOn = handOn
    }

    deinit { unsafe base.deallocate() }

    /// The bytes that are here, as an array.
    ///
    /// - Complexity: O(`count`).
    package var array: [UInt8] {
        unsafe Array(UnsafeBufferPointer(start: UnsafePointer(base), count: count))
    }

    /// Writes one byte.
    @inline(__always)
    package mutating func put(_ byte: UInt8) {
        makeRoom(1)
        unsafe base[count] = byte
        count &+= 1
    }

    /// Writes the lowest `length` bytes of a word, the lowest first; at most 8.
    @inline(__always)
    package mutating func put(word: UInt64, _ length: Int) {
        precondition(UInt(bitPattern: length) <= 8)
        makeRoom(8)
        unsafe UnsafeMutableRawPointer(base + count)
            .storeBytes(of: word.littleEndian, as: UInt64.self)
        count &+= length
    }

    /// Writes the lowest `length` bytes of a word, the lowest first; at most 16.
    @inline(__always)
    package mutating func put(words: UInt128, _ length: Int) {
        precondition(UInt(bitPattern: length) <= 16)
        makeRoom(16)
        let place = unsafe UnsafeMutableRawPointer(base + count)
        let low = UInt64(truncatingIfNeeded: words).littleEndian
        let high = UInt64(truncatingIfNeeded: words >> 64).littleEndian
        unsafe place.storeBytes(of: low, as: UInt64.self)
        unsafe (place + 8).storeBytes(of: high, as: UInt64.self)
        count &+= length
    }

    /// Writes bytes as they are.
    @inline(__always)
    package mutating func put(_ bytes: [UInt8]) {
        makeRoom(bytes.count)
        unsafe bytes.withUnsafeBufferPointer { unsafe copy($0) }
    }

    /// Writes the UTF-8 of a text as it is.
    @inline(__always)
    package mutating func put(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            makeRoom(utf8.count)
            unsafe copy(utf8)
        }
    }

    /// Writes the UTF-8 of a text if each byte passes; else nothing.
    ///
    /// - Returns: Whether it was written.
    @inline(__always)
    package mutating func put(_ text: String, ifEach passes: (UInt8) -> Bool) -> Bool {
        var text = text
        return text.withUTF8 { utf8 in
            makeRoom(utf8.count)
            // No early end: most texts pass, and a loop without one is done several bytes at once.
            var isPlain = true
            for index in utf8.indices { unsafe isPlain = passes(utf8[index]) && isPlain }
            if isPlain { unsafe copy(utf8) }
            return isPlain
        }
    }

    /// Hands on what is here, where the buffer has somewhere to.
    package mutating func flush() {
        guard let handOn = unsafe handOn, count > 0 else { return }
        unsafe handOn(UnsafeRawBufferPointer(start: base, count: count))
        count = 0
    }

    /// Takes out everything that is here.
    package mutating func removeAll() { count = 0 }

    /// Copies bytes for which there is room.
    @inline(__always)
    private mutating func copy(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else { return }
        assert(bytes.count <= capacity - count)
        unsafe (base + count).update(from: start, count: bytes.count)
        count &+= bytes.count
    }

    @inline(__always)
    private mutating func makeRoom(_ size: Int) {
        if capacity &- count < size { enlarge(by: size) }
    }

    @inline(never)
    private mutating func enlarge(by size: Int) {
        flush()
        guard capacity - count < size else { return }
        let wider = max(2 * capacity, count + size)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: wider)
        unsafe larger.moveInitialize(from: base, count: count)
        unsafe base.deallocate()
        unsafe base = larger
        capacity = wider
    }
}

import CSystem
import LotCore

/// The first bytes of a file, mapped for reading; unmapped when the last column lets go.
///
/// The file is never truncated or rewritten in place by the store (a replaced series is a new
/// folder), so the mapped bytes stay valid. Thread-safe: the memory is only read.
@safe
final class MappedFile: @unchecked Sendable {
    let count: Int
    private let address: UnsafeRawPointer?

    /// Maps `count` bytes, which the caller has checked against the file's size.
    init(_ file: OpenFile, count: Int) throws(SystemError) {
        var mapped: UnsafeRawPointer?
        let result = unsafe lot_map(file.descriptor, count, &mapped)
        guard result >= 0 else { throw SystemError(code: -result) }
        self.count = count
        unsafe address = mapped
    }

    deinit { unsafe lot_unmap(address, count) }

    /// The mapped bytes, valid inside `body`.
    func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        unsafe body(UnsafeRawBufferPointer(start: address, count: count))
    }

    /// A column over the bytes from `offset` (a multiple of 8) on.
    func column<Element: BitwiseCopyable>(
        _ type: Element.Type, offset: Int, count rows: Int
    ) -> Column<Element> {
        precondition(offset % 8 == 0 && offset + rows * MemoryLayout<Element>.stride <= count)
        guard let address = unsafe address, rows > 0 else { return Column([]) }
        let base = unsafe (address + offset).assumingMemoryBound(to: Element.self)
        return unsafe Column(base: base, count: rows, owner: self)
    }
}

import Glibc
import Synchronization

/// What happens at a numbered write operation; only tests make one.
enum Fault: Equatable, Sendable {
    /// The process is gone before the operation: neither it nor any later one happens.
    case stop
    /// As `stop`, but the first half of the bytes was written.
    case torn
    /// The process really ends, before the operation or after half of its bytes.
    case exit(torn: Bool)
    /// The operation fails with an `errno`; later ones work.
    case error(Int32)
}

/// Counts the write operations of a store and makes one of them fail.
final class FaultPlan: Sendable {
    /// The exit code of a process that ``Fault/exit(torn:)`` ended.
    static let exitCode: Int32 = 137

    private struct State {
        var count = 0
        var isDead = false
    }
    private let state = Mutex(State())
    private let fault: Fault?
    private let index: Int

    /// Plans `fault` for operation `index` (from 0); without one it only counts.
    init(_ fault: Fault? = nil, at index: Int = 0) {
        self.fault = fault
        self.index = index
    }

    /// How many operations were asked for.
    var count: Int { state.withLock(\.count) }

    /// Counts an operation and says what befalls it.
    func next() -> Fault? {
        state.withLock { state in
            if state.isDead { return .stop }
            defer { state.count += 1 }
            guard state.count == index, let fault else { return nil }
            if fault == .stop || fault == .torn { state.isDead = true }
            return fault
        }
    }
}

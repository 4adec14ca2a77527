import Glibc
import LotCore
import LotEngine
import Synchronization

/// Ctrl-C and SIGTERM while several runs are under way: the first one asks to stop after the runs
/// that are under way, the second ends the process at once, but never inside ``writing(_:)``.
final class Interrupts: Sendable {
    /// Set by the first signal.
    let cancel = CancelFlag()
    private let received = Atomic<Int32>(0)
    private let lock = Mutex<Void>(())

    /// The signal that came; 0 if none.
    var signal: Int32 { received.load(ordering: .acquiring) }

    /// Begins to listen; threads started from now on leave the signals to it.
    init(_ console: Console) {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGINT)
        unsafe sigaddset(&set, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        let signals = set
        let listener = SystemThread { [self] in
            var set = signals
            while true {
                var number: Int32 = 0
                guard unsafe sigwait(&set, &number) == 0 else { continue }
                if cancel.isSet {
                    lock.withLock { _ in _exit(128 + number) }
                }
                received.store(number, ordering: .releasing)
                cancel.set()
                console.note("stopping after the runs under way; again to stop at once")
            }
        }
        listener?.detach()
    }

    /// Does `body` without a signal ending the process in the middle; one thread at a time.
    func writing<Result: ~Copyable>(
        _ body: () throws(Diagnosis) -> sending Result
    ) throws(Diagnosis) -> sending Result {
        try lock.withLock { _ throws(Diagnosis) in try body() }
    }
}

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
    private let writers = Mutex(Writers())

    /// Who may not be interrupted.
    private struct Writers {
        var count = 0
        /// Exit code of the process once nobody writes; 0 if it goes on.
        var ending: Int32 = 0
    }

    /// The signal that came; 0 if none.
    var signal: Int32 { received.load(ordering: .acquiring) }

    /// Begins to listen; threads started from now on leave the signals to it.
    ///
    /// - Parameters:
    ///   - console: Where it says what it does.
    ///   - grace: Seconds after the first signal in which the runs under way must end; then the
    ///     process does, as after a second one. `nil`: as long as they take.
    init(_ console: Console, grace: Int? = nil) {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGINT)
        unsafe sigaddset(&set, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        let signals = set
        let listener = SystemThread { [self] in
            var set = signals
            while true {
                var limit = timespec(tv_sec: grace ?? 0, tv_nsec: 0)
                let isTimed = cancel.isSet && grace != nil
                var number =
                    isTimed
                    ? unsafe sigtimedwait(&set, nil, &limit) : unsafe sigwaitinfo(&set, nil)
                if number < 0 {
                    if errno != EAGAIN { continue }
                    number = signal
                }
                if cancel.isSet {
                    writers.withLock {
                        if $0.count == 0 { _exit(128 + number) }
                        $0.ending = 128 + number
                    }
                }
                received.store(number, ordering: .releasing)
                cancel.set()
                console.note("stopping after the runs under way; again to stop at once")
            }
        }
        listener?.detach()
    }

    /// Does `body` without a signal ending the process in the middle; threads do so side by side.
    func writing<Result: ~Copyable>(
        _ body: () throws(Diagnosis) -> sending Result
    ) throws(Diagnosis) -> sending Result {
        let mayBegin = writers.withLock {
            if $0.ending == 0 { $0.count += 1 }
            return $0.ending == 0
        }
        // The last of those who write ends the process.
        while !mayBegin { pause() }
        defer {
            writers.withLock {
                $0.count -= 1
                if $0.count == 0, $0.ending != 0 { _exit($0.ending) }
            }
        }
        return try body()
    }
}

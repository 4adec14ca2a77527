import Glibc

/// A thread of the operating system, for work that keeps a core busy.
///
/// Plain threads rather than tasks: a run computes without ever waiting, which would starve the
/// pool of Swift's concurrency; `-j` is an exact number; and the time limit of a script is a timer
/// of one thread's processor time.
@safe
public struct SystemThread {
    /// Bytes of a thread's stack: as much as the main thread has, for Lua's recursion.
    static let stackBytes = 8 << 20

    private let handle: pthread_t

    /// Starts `body` on a new thread, which inherits the signal mask of this one; `nil` if the
    /// system has no thread left.
    public init?(_ body: @escaping @Sendable () -> Void) {
        var attributes = pthread_attr_t()
        guard unsafe pthread_attr_init(&attributes) == 0 else { return nil }
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setstacksize(&attributes, SystemThread.stackBytes)
        let job = unsafe Unmanaged.passRetained(Job(body))
        var handle = pthread_t()
        let status = unsafe pthread_create(
            &handle, &attributes,
            { context in
                guard let context = unsafe context else { return nil }
                SystemThread.prepareHeap()
                unsafe Unmanaged<Job>.fromOpaque(context).takeRetainedValue().body()
                return nil
            }, job.toOpaque())
        guard status == 0 else {
            unsafe job.release()
            return nil
        }
        self.handle = handle
    }

    /// Asks for large pages where this thread's memory will come from.
    ///
    /// The C library gives a thread a heap of its own, in pages of 4 KiB that lie anywhere: the
    /// tiles of a sweep then miss caches that the main thread's, in large pages, do not. Only where
    /// the program has asked that the heap keep what is freed is anything left of this.
    private static func prepareHeap() {
        let (bytes, page) = (24 << 20, 2 << 20)
        guard let block = unsafe malloc(bytes) else { return }
        let start = (Int(bitPattern: block) + page - 1) / page * page
        let end = (Int(bitPattern: block) + bytes) / page * page
        if start < end {
            unsafe madvise(UnsafeMutableRawPointer(bitPattern: start), end - start, MADV_HUGEPAGE)
        }
        unsafe free(block)
    }

    /// Waits until the thread has ended; once for each thread.
    public func join() {
        pthread_join(handle, nil)
    }

    /// Lets the thread end on its own, with nobody waiting.
    public func detach() {
        pthread_detach(handle)
    }

    private final class Job: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

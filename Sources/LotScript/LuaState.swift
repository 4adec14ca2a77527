import CLua
import LotCore

/// A plain value that crosses the border between Lua and Swift.
enum LuaValue: Equatable {
    case nothing
    case number(Double)
    case text(String)
    case flag(Bool)

    /// An optional number; absent is nil in Lua.
    static func optional(_ value: Double?) -> LuaValue { value.map { .number($0) } ?? .nothing }

    var number: Double? { if case .number(let value) = self { value } else { nil } }
    var text: String? { if case .text(let value) = self { value } else { nil } }
    var flag: Bool? { if case .flag(let value) = self { value } else { nil } }
}

/// Answers what a script asks of its host.
protocol LuaHost: AnyObject {
    /// Row and close time of the newest closed bar; set before ``answer(_:_:)`` during a run.
    var row: Int { get set }
    var time: Int64 { get set }
    /// Whether the engine must act before the next bar.
    var hasCommands: Bool { get }

    /// Takes a value for a line that an earlier answer gave the number of.
    func plot(line: Int, _ value: Double, row: Int, time: Int64)

    /// Returns the answer, or throws the reason, which becomes an error at the script's line.
    func answer(_ operation: Int32, _ arguments: [LuaValue]) throws(LuaRefusal) -> LuaValue
}

/// Why the host refused a request.
struct LuaRefusal: Error, Equatable {
    let reason: String
}

/// The bounds of a script.
public struct ScriptLimits: Sendable, Hashable {
    /// Longest processor time of one callback, in milliseconds.
    public var callMilliseconds: Int
    /// Most memory of a state, in bytes.
    public var memoryBytes: Int

    /// Makes limits; by default 200 ms a call and 64 MiB.
    public init(callMilliseconds: Int = 200, memoryBytes: Int = 64 << 20) {
        self.callMilliseconds = callMilliseconds
        self.memoryBytes = memoryBytes
    }
}

/// A sandboxed Lua state: the one place of this library that touches C.
///
/// Errors of Lua never cross a Swift frame: they are caught in C and come back as a ``Diagnosis``.
/// Not thread-safe; it may move between threads between calls.
@safe
final class LuaState {
    let state: OpaquePointer
    private let host: any LuaHost
    private let fileName: String
    /// Keeps the text of the newest answer alive until the next one.
    private var reply: UnsafeMutableBufferPointer<UInt8> = unsafe .init(start: nil, count: 0)
    private let box: Box

    @safe
    private final class Box {
        weak var owner: LuaState?
    }

    /// Makes a state for the script called `fileName`.
    ///
    /// - Parameters:
    ///   - host: Answers what the script asks.
    ///   - fileName: What messages call the script.
    ///   - seed: Seed of the script's random numbers.
    ///   - limits: Time of a call and memory of the state.
    ///   - canRewind: Whether ``note()`` and ``rewind()`` work.
    /// - Throws: A ``Diagnosis`` (70) if there is no memory for it.
    init(
        host: any LuaHost, fileName: String, seed: UInt64, limits: ScriptLimits,
        canRewind: Bool = false
    ) throws(Diagnosis) {
        let box = Box()
        let context = unsafe Unmanaged.passUnretained(box).toOpaque()
        let milliseconds = Int32(clamping: max(10, limits.callMilliseconds))
        guard
            let made = unsafe lot_create(
                max(1 << 20, limits.memoryBytes), milliseconds, seed, canRewind,
                answerFromC, plotFromC, context)
        else { throw LuaState.noMemory(fileName) }
        unsafe state = made
        self.host = host
        self.fileName = fileName
        self.box = box
        box.owner = self
    }

    deinit {
        unsafe lot_destroy(state)
        unsafe reply.deallocate()
    }

    private static func noMemory(_ fileName: String) -> Diagnosis {
        Diagnosis(
            .internalError, kind: "script.state", subject: fileName,
            reason: "no memory for the script's state")
    }

    /// Notes everything that the state holds, for ``rewind()``.
    ///
    /// - Complexity: O(memory used), some 50 µs for a usual script.
    func note() throws(Diagnosis) {
        guard unsafe lot_state_note(state) else { throw LuaState.noMemory(fileName) }
    }

    /// Makes the state what it was when it was noted: nothing that ran since has happened.
    func rewind() { unsafe lot_state_rewind(state) }

    /// Bytes that the state holds.
    var memoryUsed: Int { unsafe lot_memory_used(state) }

    /// Runs the trusted text that completes the sandbox.
    func runPrelude(_ text: String) throws(Diagnosis) {
        let status = unsafe withBytes(of: Array(text.utf8)) { start, count in
            unsafe lot_run_prelude(state, start, count)
        }
        try check(status)
    }

    /// Loads and runs a script's text; `name` is what messages call it.
    func runScript(_ bytes: [UInt8], name: String) throws(Diagnosis) {
        let status = unsafe withBytes(of: bytes) { start, count in
            unsafe lot_run_script(state, start, count, name)
        }
        try check(status)
    }

    /// Calls an entry of the prelude; `label` is what messages call it.
    func call(_ entry: String, _ arguments: [LuaValue] = [], label: String) throws(Diagnosis) {
        var texts: [UInt8] = []
        for argument in arguments { if let text = argument.text { texts += Array(text.utf8) } }
        let status = unsafe withBytes(of: texts) { start, _ in
            var offset = 0
            let values = unsafe arguments.map { argument in
                let value = unsafe LuaState.value(argument, start, offset)
                offset += unsafe value.length
                return unsafe value
            }
            return unsafe lot_call(state, entry, values, Int32(values.count), label)
        }
        try check(status)
    }

    /// Calls `on_bar` for the rows from the account's on, below `end`, until the script asks for
    /// something; returns the number of rows.
    func onBars(_ account: inout lot_account, before end: Int) throws(Diagnosis) -> Int {
        var taken: Int64 = 0
        let status = unsafe lot_on_bars(state, &account, Int64(end), &taken)
        if status != 0 { try check(status) }
        return Int(taken)
    }

    /// Sets what the script reads of its account.
    func setAccount(_ account: inout lot_account) throws(Diagnosis) {
        try check(unsafe lot_set_account(state, &account))
    }

    /// Sets the address at which `base[row]` is the value of a series' node.
    @unsafe
    func setBase(_ node: Int32, _ base: UnsafePointer<Double>) {
        unsafe lot_set_base(state, node, base)
    }

    /// Says that a node has rows of its own: `rows[row]` is the newest at main row `row`.
    @unsafe
    func setRows(_ node: Int32, _ rows: UnsafePointer<Int64>) {
        unsafe lot_set_rows(state, node, rows)
    }

    /// Sets the columns that `bar` reads; the bars must outlive the calls.
    func setColumns(_ bars: Bars) {
        unsafe lot_set_columns(
            state, bars.interval.milliseconds, bars.openTime.start, bars.open.start,
            bars.high.start, bars.low.start, bars.close.start, bars.volume?.start)
    }

    // MARK: Border

    private func withBytes<Result>(
        of bytes: [UInt8], _ body: (UnsafePointer<CChar>, Int) -> Result
    ) -> Result {
        var terminated = bytes
        terminated.append(0)
        return unsafe terminated.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { preconditionFailure("an empty array") }
            return unsafe body(start.assumingMemoryBound(to: CChar.self), bytes.count)
        }
    }

    private static func value(
        _ argument: LuaValue, _ texts: UnsafePointer<CChar>, _ offset: Int
    ) -> lot_value {
        switch argument {
        case .nothing: unsafe lot_value(kind: 0, number: 0, text: nil, length: 0)
        case .number(let number): unsafe lot_value(kind: 1, number: number, text: nil, length: 0)
        case .flag(let flag):
            unsafe lot_value(kind: 3, number: flag ? 1 : 0, text: nil, length: 0)
        case .text(let text):
            unsafe lot_value(kind: 2, number: 0, text: texts + offset, length: text.utf8.count)
        }
    }

    /// Takes a request of the script, called from C.
    ///
    /// - Returns: 0, or 1 with the reason as the result's text.
    fileprivate func take(
        _ operation: Int32, _ arguments: UnsafePointer<lot_value>?, _ count: Int32,
        _ result: UnsafeMutablePointer<lot_value>
    ) -> Int32 {
        let values = unsafe UnsafeBufferPointer(start: arguments, count: Int(count)).map {
            unsafe LuaState.value($0)
        }
        let row = unsafe lot_row(state)
        if row >= 0 {
            host.row = Int(row)
            host.time = unsafe lot_time(state)
        }
        do throws(LuaRefusal) {
            unsafe result.pointee = keep(try host.answer(operation, values))
            if host.hasCommands { unsafe lot_interrupt(state) }
            return 0
        } catch {
            unsafe result.pointee = keep(.text(error.reason))
            return 1
        }
    }

    private static func value(_ value: lot_value) -> LuaValue {
        switch unsafe value.kind {
        case 1: return unsafe .number(value.number)
        case 2:
            let bytes = unsafe UnsafeRawBufferPointer(start: value.text, count: value.length)
            return unsafe .text(String(decoding: bytes, as: UTF8.self))
        case 3: return unsafe .flag(value.number != 0)
        default: return .nothing
        }
    }

    private func keep(_ answer: LuaValue) -> lot_value {
        guard case .text(let text) = answer else {
            switch answer {
            case .number(let number):
                return unsafe lot_value(kind: 1, number: number, text: nil, length: 0)
            case .flag(let flag):
                return unsafe lot_value(kind: 3, number: flag ? 1 : 0, text: nil, length: 0)
            default: return unsafe lot_value(kind: 0, number: 0, text: nil, length: 0)
            }
        }
        let bytes = Array(text.utf8)
        unsafe reply.deallocate()
        unsafe reply = .allocate(capacity: max(1, bytes.count))
        _ = unsafe reply.initialize(from: bytes)
        let start = unsafe UnsafeRawPointer(reply.baseAddress)?
            .assumingMemoryBound(to: CChar.self)
        return unsafe lot_value(kind: 2, number: 0, text: start, length: bytes.count)
    }

    // MARK: Errors

    /// Throws what the state says of a call that did not end well.
    func check(_ status: Int32) throws(Diagnosis) {
        guard status != 0 else { return }
        let reason = unsafe String(cString: lot_error_message(state))
        let source = unsafe String(cString: lot_error_source(state))
        let line = unsafe lot_error_line(state)
        let trace = unsafe String(cString: lot_error_traceback(state))
        let kinds = ["ok", "syntax", "error", "time", "memory", "pattern", "state"]
        let details = trace.split(separator: "\n").map { escaped($0, limit: 200) }
        throw Diagnosis(
            status == 6 ? .internalError : .data,
            kind: "script." + kinds[min(Int(status), kinds.count - 1)],
            subject: escaped(source.isEmpty ? fileName : source, limit: 200),
            place: line > 0 ? "line \(line)" : nil, reason: escaped(reason, limit: 600),
            details: details)
    }

    fileprivate func plot(_ line: Int32, _ value: Double, _ row: Int64, _ time: Int64) {
        host.plot(line: Int(line), value, row: Int(row), time: time)
    }

    fileprivate static func owner(_ context: UnsafeMutableRawPointer?) -> LuaState? {
        guard let context = unsafe context else { return nil }
        return unsafe Unmanaged<Box>.fromOpaque(context).takeUnretainedValue().owner
    }
}

/// The function that C calls; it finds the state and never raises.
private func answerFromC(
    _ context: UnsafeMutableRawPointer?, _ operation: Int32,
    _ arguments: UnsafePointer<lot_value>?, _ count: Int32,
    _ result: UnsafeMutablePointer<lot_value>?
) -> Int32 {
    guard let owner = unsafe LuaState.owner(context), let result = unsafe result else { return 1 }
    return unsafe owner.take(operation, arguments, count, result)
}

/// The function that C calls for a plotted value.
private func plotFromC(
    _ context: UnsafeMutableRawPointer?, _ line: Int32, _ value: Double, _ row: Int64, _ time: Int64
) {
    unsafe LuaState.owner(context)?.plot(line, value, row, time)
}

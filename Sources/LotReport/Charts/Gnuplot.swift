import CGnuplot
import Glibc
import LotCore

/// A gnuplot program on this machine.
public struct Gnuplot: Sendable {
    /// Path of the program.
    public let executable: String
    /// Milliseconds after which it is stopped.
    public let limitMs: Int32

    /// Names a program.
    ///
    /// - Parameters:
    ///   - executable: Its path.
    ///   - limitMs: Milliseconds after which it is stopped.
    public init(executable: String, limitMs: Int32 = 10_000) {
        self.executable = executable
        self.limitMs = limitMs
    }

    /// Finds `gnuplot` in the absolute folders of `PATH`; `nil` if it is not installed.
    public static func find() -> Gnuplot? {
        guard let path = unsafe lot_gnuplot_find() else { return nil }
        defer { unsafe free(path) }
        return unsafe Gnuplot(executable: String(cString: path))
    }
}

/// Why a drawing failed.
enum GnuplotError: Error, Equatable {
    case noFolder
    case noStart(String)
    case failed(String)
    case timeout(Int32)

    var reason: String {
        switch self {
        case .noFolder: "no temporary folder could be made"
        case .noStart(let path): "\(path) could not be started"
        case .failed(let message): "gnuplot failed: \(message)"
        case .timeout(let limit): "gnuplot took longer than \(limit) ms and was stopped"
        }
    }
}

/// What is sent to gnuplot, in order: data files, and commands that draw them.
struct GnuplotProgram {
    enum Part {
        case commands(String)
        /// x, y pairs, one after the other, under a file name of ours.
        case data(String, [Double])
    }

    var parts: [Part] = []
    /// Files the commands write, in the order of the result.
    var outputs: [String] = []
}

/// One run of gnuplot: the only place in this library that talks to C.
@safe
final class GnuplotSession {
    private let session: OpaquePointer
    private let gnuplot: Gnuplot

    init(_ gnuplot: Gnuplot) throws(GnuplotError) {
        guard let session = unsafe lot_gnuplot_open(gnuplot.executable, gnuplot.limitMs) else {
            throw .noStart(gnuplot.executable)
        }
        unsafe self.session = session
        self.gnuplot = gnuplot
    }

    deinit { unsafe lot_gnuplot_close(session) }

    /// Whether the kernel held gnuplot to its private folder.
    var isConfined: Bool { unsafe lot_gnuplot_confined(session) != 0 }

    /// Runs a program and returns the files it wrote.
    func run(_ program: GnuplotProgram) throws(GnuplotError) -> [[UInt8]] {
        for part in program.parts {
            switch part {
            case .commands(let text):
                let bytes = text.utf8.map { CChar(bitPattern: $0) }
                unsafe bytes.withUnsafeBufferPointer {
                    unsafe lot_gnuplot_script(session, $0.baseAddress, $0.count)
                }
            case .data(let name, let values):
                unsafe values.withUnsafeBufferPointer {
                    unsafe lot_gnuplot_data(session, name, $0.baseAddress, $0.count)
                }
            }
        }
        switch unsafe lot_gnuplot_finish(session) {
        case Int32(LOT_GNUPLOT_OK.rawValue): break
        case Int32(LOT_GNUPLOT_NO_FOLDER.rawValue): throw .noFolder
        case Int32(LOT_GNUPLOT_NO_START.rawValue): throw .noStart(gnuplot.executable)
        case Int32(LOT_GNUPLOT_TIMEOUT.rawValue): throw .timeout(gnuplot.limitMs)
        default: throw .failed(errorText())
        }
        var files: [[UInt8]] = []
        for name in program.outputs {
            guard let bytes = output(name) else { throw .failed("it wrote no \(name)") }
            files.append(bytes)
        }
        return files
    }

    /// The bytes of a file that gnuplot wrote into its folder, or `nil`.
    func output(_ name: String) -> [UInt8]? {
        var length = 0
        guard let bytes = unsafe lot_gnuplot_output(session, name, &length) else { return nil }
        return unsafe UnsafeRawBufferPointer(start: bytes, count: length).map { $0 }
    }

    private func errorText() -> String {
        let text = output("errors.txt") ?? []
        let lines = text.split(separator: 0x0A).filter { line in
            line.contains { $0 != 0x20 && $0 != UInt8(ascii: "^") }
        }
        return lines.last.map { escaped(bytes: $0, limit: 120) } ?? "no reason given"
    }
}

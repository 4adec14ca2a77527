import Glibc
import LotCore

/// Where the bytes of an imported text come from.
protocol ByteSource {
    /// Fills `buffer` from the current position; 0 at the end.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnosis) -> Int
}

extension ByteSource {
    /// Reads everything, at most `limit` bytes.
    mutating func all(limit: Int, place: ImportPlace) throws(Diagnosis) -> [UInt8] {
        var bytes: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { unsafe buffer.deallocate() }
        while true {
            let count = unsafe try read(into: buffer)
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else {
                throw place.bad("size", "larger than \(grouped(limit)) bytes", hint: "split it")
            }
            unsafe bytes.append(contentsOf: buffer[..<count])
        }
    }
}

/// A file that the user named: regular, opened once, hashed before it is read.
struct InputFile: ByteSource {
    let path: String
    let file: OpenFile
    let size: Int64
    let place: ImportPlace

    init(path: String) throws(Diagnosis) {
        self.path = path
        place = ImportPlace(path: path)
        do throws(SystemError) {
            file = try OpenFile.input(path: path)
            let status = try file.status()
            guard status.isRegular else { throw SystemError(code: ENXIO) }
            size = status.size
        } catch {
            throw systemDiagnosis(error.code, subject: place.subject, doing: "opening")
        }
        guard size > 0 else { throw place.bad("empty", "the file is empty") }
    }

    /// The part of the path after the last slash.
    var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnosis) -> Int {
        do throws(SystemError) {
            return unsafe try file.read(into: buffer)
        } catch {
            throw systemDiagnosis(error.code, subject: place.subject, doing: "reading")
        }
    }

    /// The first bytes, without moving.
    func head(_ count: Int) throws(Diagnosis) -> [UInt8] {
        do throws(SystemError) {
            return try file.bytes(at: 0, count: count)
        } catch {
            throw systemDiagnosis(error.code, subject: place.subject, doing: "reading")
        }
    }

    /// SHA-256 of the whole file; afterwards it is at its start again.
    func sha256() throws(Diagnosis) -> String {
        let hasher = SHA256Hasher()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { unsafe buffer.deallocate() }
        while true {
            let count = unsafe try read(into: buffer)
            if count == 0 { break }
            unsafe hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        do throws(SystemError) {
            try file.rewind()
        } catch {
            throw systemDiagnosis(error.code, subject: place.subject, doing: "reading")
        }
        return hexadecimal(hasher.finish())
    }
}

import Glibc
import LotCore

/// The `.CHECKSUM` file that Binance's archive puts beside every zip.
enum Checksum {
    /// Checks a file against the one beside it, if there is one.
    ///
    /// - Returns: Whether there was one.
    static func check(_ file: InputFile, sha256: String) throws(Diagnosis) -> Bool {
        let path = file.path + ".CHECKSUM"
        let bytes: [UInt8]
        do throws(SystemError) {
            let opened = try OpenFile.input(path: path)
            guard try opened.status().isRegular else { throw SystemError(code: ENXIO) }
            bytes = try opened.bytes(at: 0, count: 4_096)
        } catch {
            if error.code == ENOENT { return false }
            throw systemDiagnosis(
                error.code, subject: escaped(path, limit: 1_024), doing: "opening")
        }
        let words = bytes.split {
            $0 == 0x20 || $0 == 0x0a || $0 == 0x0d || $0 == 0x09 || $0 == 0x2a
        }
        guard let digest = words.first, digest.count == 64,
            digest.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit })
        else {
            throw ImportPlace(path: path).bad(
                "checksum", "not a check sum (64 hexadecimal digits and a name)")
        }
        let expected = String(decoding: digest, as: UTF8.self).lowercased()
        if words.count > 1 {
            let name = String(decoding: words[1], as: UTF8.self)
            guard name == file.name else {
                throw ImportPlace(path: path).bad(
                    "checksum", "is for \(escaped(name)), not for \(escaped(file.name))")
            }
        }
        guard expected == sha256 else {
            throw file.place.bad(
                "checksum",
                "sha256 \(sha256.prefix(8))…, .CHECKSUM says \(expected.prefix(8))…",
                hint: "the exchange may have re-issued it: download both files again")
        }
        return true
    }
}

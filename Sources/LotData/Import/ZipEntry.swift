import CZip
import Glibc
import LotCore

/// The one entry of an archive, inflated piece by piece under limits.
@safe
final class ZipEntry: ByteSource {
    /// Largest inflated size.
    static let maxSize: UInt64 = 2 << 30
    /// Largest inflated size as a multiple of the archive's.
    static let maxRatio: UInt64 = 200

    /// The entry's name.
    let name: String
    private let place: ImportPlace
    private let archive: OpaquePointer
    private let entry: OpaquePointer
    private let archiveSize: UInt64
    private let declaredSize: UInt64
    private var total: UInt64 = 0

    /// Opens an archive that holds exactly one regular entry.
    init(_ input: InputFile) throws(Diagnosis) {
        place = input.place
        archiveSize = UInt64(input.size)
        unsafe archive = try ZipEntry.open(input)
        do throws(Diagnosis) {
            name = try unsafe ZipEntry.checkedName(archive, input.place)
            declaredSize = try unsafe ZipEntry.checkedSize(archive, input)
            guard let opened = unsafe zip_fopen_index(archive, 0, 0) else {
                throw input.place.bad("zip", unsafe "unreadable entry (\(ZipEntry.text(archive)))")
            }
            unsafe entry = opened
        } catch {
            unsafe zip_discard(archive)
            throw error
        }
    }

    deinit {
        _ = unsafe zip_fclose(entry)
        unsafe zip_discard(archive)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnosis) -> Int {
        let count = unsafe zip_fread(entry, buffer.baseAddress, UInt64(buffer.count))
        guard count >= 0 else {
            throw place.bad(
                "zip", "damaged entry \"\(escaped(name))\" (check sum or length differs)",
                hint: "download it again")
        }
        total += UInt64(count)
        let ratio = total / max(1, archiveSize)
        guard total <= ZipEntry.maxSize, ratio <= ZipEntry.maxRatio else {
            let size =
                total > ZipEntry.maxSize ? "2 GiB" : "\(grouped(ZipEntry.maxRatio)) times its size"
            throw place.bad("zip", "grows past \(size) (ratio \(ratio)); refused")
        }
        if count == 0, total != declaredSize {
            throw place.bad(
                "zip", "entry says \(grouped(declaredSize)) bytes, holds \(grouped(total))")
        }
        return Int(count)
    }

    private static func open(_ input: InputFile) throws(Diagnosis) -> OpaquePointer {
        // libzip closes the descriptor it is given; ours stays open until the import ends.
        let copy = dup(input.file.descriptor)
        guard copy >= 0 else {
            throw systemDiagnosis(EMFILE, subject: input.place.subject, doing: "opening")
        }
        var code: Int32 = 0
        guard let archive = unsafe zip_fdopen(copy, ZIP_CHECKCONS, &code) else {
            _ = close(copy)
            var error = unsafe zip_error_t()
            unsafe zip_error_init_with_code(&error, code)
            defer { unsafe zip_error_fini(&error) }
            let text = unsafe String(cString: zip_error_strerror(&error))
            throw input.place.bad(
                "zip", "not a sound zip archive (\(escaped(text)))", hint: "download it again")
        }
        return unsafe archive
    }

    /// The entry's name, after everything that could make it dangerous was refused.
    private static func checkedName(
        _ archive: OpaquePointer, _ place: ImportPlace
    ) throws(Diagnosis) -> String {
        let entries = unsafe zip_get_num_entries(archive, 0)
        guard entries == 1 else {
            throw place.bad("zip", "holds \(grouped(entries)) entries, expected one CSV file")
        }
        guard let raw = unsafe zip_get_name(archive, 0, ZIP_FL_ENC_RAW) else {
            throw place.bad("zip", "entry without a name; refused")
        }
        let name = unsafe String(cString: raw)
        let shown = escaped(name)
        if name.hasPrefix("/") || name.hasPrefix("\\") || name.contains(":") {
            throw place.bad("zip", "entry \"\(shown)\" has an absolute path; refused")
        }
        let parts = name.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }
        if parts.contains("..") {
            throw place.bad("zip", "entry \"\(shown)\" leaves the folder; refused")
        }
        var system: UInt8 = 0
        var attributes: UInt32 = 0
        _ = unsafe zip_file_get_external_attributes(archive, 0, 0, &system, &attributes)
        // The upper half holds the Unix mode: anything but a regular file (or none) is refused.
        let type = system == UInt8(ZIP_OPSYS_UNIX) ? (attributes >> 16) & 0o170000 : 0
        if type == 0o120000 {
            throw place.bad("zip", "entry \"\(shown)\" is a symbolic link; refused")
        }
        guard type == 0 || type == 0o100000, !name.hasSuffix("/") else {
            throw place.bad("zip", "entry \"\(shown)\" is not a regular file; refused")
        }
        guard parts.count == 1, name.lowercased().hasSuffix(".csv") else {
            throw place.bad("zip", "entry \"\(shown)\" is not named like a CSV file; refused")
        }
        return name
    }

    private static func checkedSize(
        _ archive: OpaquePointer, _ input: InputFile
    ) throws(Diagnosis) -> UInt64 {
        var info = unsafe zip_stat_t()
        guard unsafe zip_stat_index(archive, 0, 0, &info) == 0 else {
            throw input.place.bad("zip", unsafe "unreadable entry (\(text(archive)))")
        }
        guard unsafe info.encryption_method == UInt16(ZIP_EM_NONE) else {
            throw input.place.bad("zip", "the entry is encrypted; refused")
        }
        let size = unsafe info.size
        let packed = unsafe info.comp_size
        guard packed <= UInt64(input.size) else {
            throw input.place.bad(
                "zip",
                "the entry claims \(grouped(packed)) bytes, the archive has "
                    + grouped(input.size))
        }
        guard size <= maxSize else {
            throw input.place.bad("zip", "grows past 2 GiB (\(grouped(size)) bytes); refused")
        }
        return size
    }

    private static func text(_ archive: OpaquePointer) -> String {
        escaped(unsafe String(cString: zip_strerror(archive)))
    }
}

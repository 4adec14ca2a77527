import Glibc
import LotCore

/// What an `errno` means for the user.
struct SystemProblem {
    let exit: ExitCode
    let name: String
    let reason: String
    let hint: String?

    init(_ code: Int32) {
        switch code {
        case ENOENT: self.init(.noInput, "missing", "no such file or folder", nil)
        case EACCES, EPERM:
            self.init(.permission, "permission", "permission denied", "check the owner and mode")
        case EROFS: self.init(.cannotCreate, "readonly", "the file system is read-only", nil)
        case ENOTDIR:
            self.init(.data, "folder", "not a folder (symbolic links are not followed)", nil)
        case ELOOP:
            self.init(.data, "regular", "not a regular file (a symbolic link)", nil)
        case EISDIR, ENXIO: self.init(.data, "regular", "not a regular file", nil)
        case ENOSPC, EDQUOT:
            self.init(.io, "full", "the disk is full", "free some space and run again")
        case EIO: self.init(.io, "device", "input/output error of the device", "check the disk")
        case EMFILE, ENFILE:
            self.init(.tryLater, "descriptors", "too many open files", "raise ulimit -n")
        case ENAMETOOLONG: self.init(.usage, "name", "the name is too long", nil)
        case EEXIST: self.init(.cannotCreate, "exists", "it exists already", nil)
        case ENOTEMPTY: self.init(.cannotCreate, "exists", "the folder is not empty", nil)
        case EINVAL, ENOSYS, EOPNOTSUPP:
            self.init(
                .cannotCreate, "unsupported", "the file system does not support it (errno \(code))",
                "keep the datasets on a local disk such as ext4, xfs or btrfs")
        default: self.init(.io, "system", "errno \(code)", nil)
        }
    }

    private init(_ exit: ExitCode, _ name: String, _ reason: String, _ hint: String?) {
        self.exit = exit
        self.name = name
        self.reason = reason
        self.hint = hint
    }
}

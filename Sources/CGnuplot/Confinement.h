#pragma once
// Landlock for the thread that starts gnuplot: what it starts inherits the limits.

#include <linux/landlock.h>

#include <climits>
#include <cstdint>
#include <cstdlib>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace lot {

// System call numbers are the same on every architecture that Linux added since 5.13; Debian 12's
// C library does not name them everywhere.
constexpr long createRulesetCall = 444;
constexpr long addRuleCall = 445;
constexpr long restrictSelfCall = 446;
// Known to kernels from 6.2 on (ABI 3), not to Debian 12's headers.
constexpr uint64_t truncateAccess = 1ULL << 14;

inline void allow(int ruleset, const char *path, uint64_t access) {
    const int file = open(path, O_PATH | O_CLOEXEC);
    if (file < 0) return;
    landlock_path_beneath_attr rule = {};
    rule.allowed_access = access;
    rule.parent_fd = file;
    syscall(addRuleCall, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(file);
}

/// Lets this thread, and what it starts, run nothing but `executable` (and the dynamic loader)
/// and write nowhere but below `folder`. Returns whether the kernel agreed.
inline bool confineThread(const char *executable, const char *folder) {
    const long version =
        syscall(createRulesetCall, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1) return false;
    uint64_t writing = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE
        | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG
        | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SYM
        | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SOCK
        | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK;
    if (version >= 3) writing |= truncateAccess;
    landlock_ruleset_attr limits = {};
    limits.handled_access_fs = writing | LANDLOCK_ACCESS_FS_EXECUTE;
    const int ruleset =
        static_cast<int>(syscall(createRulesetCall, &limits, sizeof limits.handled_access_fs, 0));
    if (ruleset < 0) return false;
    char real[PATH_MAX];
    if (realpath(executable, real) != nullptr) allow(ruleset, real, LANDLOCK_ACCESS_FS_EXECUTE);
    // The kernel opens the dynamic loader as a program; libraries are only mapped.
    allow(ruleset, "/lib64/ld-linux-x86-64.so.2", LANDLOCK_ACCESS_FS_EXECUTE);
    allow(ruleset, "/lib/ld-linux-aarch64.so.1", LANDLOCK_ACCESS_FS_EXECUTE);
    allow(
        ruleset, folder,
        LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG
            | (version >= 3 ? truncateAccess : 0));
    const bool done = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
        && syscall(restrictSelfCall, ruleset, 0) == 0;
    close(ruleset);
    return done;
}

}  // namespace lot

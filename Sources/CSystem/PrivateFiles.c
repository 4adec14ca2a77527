#define _GNU_SOURCE
#include "PrivateFiles.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static int result(int value) { return value < 0 ? -errno : value; }

int lot_place(const char *path, lot_place_status *out) {
    struct stat st;
    struct statfs fs;
    if (stat(path, &st) < 0) return -errno;
    int failed;
    do {
        failed = statfs(path, &fs);
    } while (failed < 0 && errno == EINTR);
    if (failed < 0) return -errno;
    out->is_folder = S_ISDIR(st.st_mode);
    out->is_regular = S_ISREG(st.st_mode);
    out->mode = st.st_mode & 07777;
    out->owner = st.st_uid;
    // The field is signed on some machines, and some magic numbers use its highest bit.
    out->file_system = (int64_t)(uint32_t)fs.f_type;
    out->free_bytes = (int64_t)fs.f_bavail * (int64_t)fs.f_bsize;
    return 0;
}

uint32_t lot_user(void) { return geteuid(); }

int lot_make_private_folder(const char *path) {
    if (mkdir(path, 0700) < 0) return -errno;
    return result(chmod(path, 0700));
}

int lot_create_private_file(const char *path) {
    int fd;
    do {
        fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) return -errno;
    int failed = result(fchmod(fd, 0600));
    close(fd);
    return failed;
}

int lot_make_private_file(const char *path) { return result(chmod(path, 0600)); }

int lot_open_private_lock(const char *path) {
    int fd;
    do {
        fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
    } while (fd < 0 && errno == EINTR);
    return result(fd);
}

int lot_unlink_path(const char *path) { return result(unlink(path)); }

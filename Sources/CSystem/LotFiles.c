#define _GNU_SOURCE
#include "LotFiles.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int result(int value) { return value < 0 ? -errno : value; }

static int open_at(int dir, const char *name, int flags) {
    int fd;
    do {
        fd = openat(dir, name, flags | O_CLOEXEC, 0644);
    } while (fd < 0 && errno == EINTR);
    return result(fd);
}

int lot_open_folder_path(const char *path) {
    return open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
}
// O_NONBLOCK: opening a FIFO must not hang; it has no effect on regular files.
int lot_open_input_path(const char *path) {
    return open_at(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
}
int lot_open_folder(int dir, const char *name) {
    return open_at(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}
int lot_open_read(int dir, const char *name) {
    return open_at(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
}
int lot_open_write(int dir, const char *name) {
    return open_at(dir, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
}
int lot_open_lock(int dir, const char *name) {
    return open_at(dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
}
int lot_create_new(int dir, const char *name) {
    return open_at(dir, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW);
}
int lot_close(int fd) { return result(close(fd)); }

static int64_t nanoseconds(struct timespec time) {
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}
static int status(int failed, const struct stat *from, lot_file_status *out) {
    if (failed < 0) return -errno;
    out->kind = S_ISREG(from->st_mode) ? LOT_REGULAR
        : S_ISDIR(from->st_mode) ? LOT_FOLDER : LOT_OTHER;
    out->size = from->st_size;
    out->device = from->st_dev;
    out->inode = from->st_ino;
    out->modified_ns = nanoseconds(from->st_mtim);
    out->changed_ns = nanoseconds(from->st_ctim);
    return 0;
}
int lot_status(int fd, lot_file_status *out) {
    struct stat st;
    return status(fstat(fd, &st), &st, out);
}
int lot_status_at(int dir, const char *name, lot_file_status *out) {
    struct stat st;
    return status(fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW), &st, out);
}

int64_t lot_read_all(int fd, void *buffer, size_t count) {
    size_t done = 0;
    while (done < count) {
        ssize_t got = read(fd, (char *)buffer + done, count - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -errno;
        if (got == 0) break;
        done += (size_t)got;
    }
    return (int64_t)done;
}
int64_t lot_pread_all(int fd, void *buffer, size_t count, int64_t offset) {
    size_t done = 0;
    while (done < count) {
        ssize_t got = pread(fd, (char *)buffer + done, count - done, offset + (off_t)done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -errno;
        if (got == 0) break;
        done += (size_t)got;
    }
    return (int64_t)done;
}
int64_t lot_pwrite_all(int fd, const void *buffer, size_t count, int64_t offset) {
    size_t done = 0;
    while (done < count) {
        ssize_t put =
            pwrite(fd, (const char *)buffer + done, count - done, offset + (off_t)done);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return -errno;
        if (put == 0) return -ENOSPC;
        done += (size_t)put;
    }
    return (int64_t)done;
}
int lot_rewind(int fd) { return lseek(fd, 0, SEEK_SET) < 0 ? -errno : 0; }
int lot_truncate(int fd, int64_t size) { return result(ftruncate(fd, size)); }
int lot_fsync(int fd) { return result(fsync(fd)); }
int lot_begin_sync(int fd) { return result(sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE)); }
int lot_fdatasync(int fd) { return result(fdatasync(fd)); }
int lot_sync_all(int fd) { return result(syncfs(fd)); }

int lot_mkdir_path(const char *path) { return result(mkdir(path, 0755)); }
int lot_make_folders(const char *path) {
    char made[PATH_MAX];
    size_t length = strlen(path);
    if (length >= sizeof made) return -ENAMETOOLONG;
    for (size_t end = 1; end <= length; end++) {
        if (path[end] != '/' && path[end] != 0) continue;
        memcpy(made, path, end);
        made[end] = 0;
        if (mkdir(made, 0777) < 0 && errno != EEXIST && errno != EISDIR) return -errno;
    }
    return 0;
}
int lot_mkdir(int dir, const char *name) { return result(mkdirat(dir, name, 0755)); }
int lot_rename(int from, const char *old_name, int to, const char *new_name) {
    return result(renameat(from, old_name, to, new_name));
}
int lot_rename_new(int dir, const char *old_name, const char *new_name) {
    return result(renameat2(dir, old_name, dir, new_name, RENAME_NOREPLACE));
}
int lot_exchange(int dir, const char *one, const char *other) {
    return result(renameat2(dir, one, dir, other, RENAME_EXCHANGE));
}
int lot_unlink(int dir, const char *name) { return result(unlinkat(dir, name, 0)); }
int lot_rmdir(int dir, const char *name) { return result(unlinkat(dir, name, AT_REMOVEDIR)); }

int lot_lock(int fd) { return result(flock(fd, LOCK_EX | LOCK_NB)); }
int lot_unlock(int fd) { return result(flock(fd, LOCK_UN)); }
int lot_host_name(char *buffer, size_t count) {
    if (count == 0) return -EINVAL;
    int failed = gethostname(buffer, count);
    buffer[count - 1] = 0;
    return result(failed);
}

int lot_map(int fd, size_t count, const void **address) {
    *address = NULL;
    if (count == 0) return 0;
    void *mapped = mmap(NULL, count, PROT_READ, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED) return -errno;
    *address = mapped;
    return 0;
}
void lot_unmap(const void *address, size_t count) {
    if (address != NULL) munmap((void *)address, count);
}

void *lot_list_open(int dir) {
    int own = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (own < 0) return NULL;
    DIR *list = fdopendir(own);
    if (list == NULL) close(own);
    return list;
}
int lot_list_next(void *list, char *buffer, size_t count) {
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir((DIR *)list);
        if (entry == NULL) return errno == 0 ? 0 : -errno;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        size_t length = strlen(entry->d_name);
        if (length + 1 > count) return -ENAMETOOLONG;
        memcpy(buffer, entry->d_name, length + 1);
        return (int)length;
    }
}
void lot_list_close(void *list) { closedir((DIR *)list); }

uint32_t lot_crc32c(const void *bytes, size_t count) {
    // Four bits at a time: the remainders of 0...15 under the reversed polynomial 0x82f63b78.
    uint32_t table[16];
    for (uint32_t nibble = 0; nibble < 16; nibble++) {
        uint32_t rest = nibble;
        for (int bit = 0; bit < 4; bit++) rest = (rest >> 1) ^ (0x82f63b78u & (0u - (rest & 1u)));
        table[nibble] = rest;
    }
    const unsigned char *at = bytes;
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < count; i++) {
        crc ^= at[i];
        crc = (crc >> 4) ^ table[crc & 15];
        crc = (crc >> 4) ^ table[crc & 15];
    }
    return crc ^ 0xffffffffu;
}

// File operations of Linux, for the kline store and for the files of runs. Every function returns
// a value >= 0, or -errno, and carries on after EINTR; every descriptor is close-on-exec.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { LOT_REGULAR = 1, LOT_FOLDER = 2, LOT_OTHER = 0 };

typedef struct {
    int32_t kind;
    int64_t size;
    uint64_t device;
    uint64_t inode;
    // Nanoseconds since 1970: when the content was written, and when anything was changed at all.
    int64_t modified_ns;
    int64_t changed_ns;
} lot_file_status;

// Opening. `name` is one component below the folder `dir`; symbolic links are never followed
// there. The two functions that take a path follow links: the user named it.
int lot_open_folder_path(const char *path);
int lot_open_input_path(const char *path);
int lot_open_folder(int dir, const char *name);
int lot_open_read(int dir, const char *name);
int lot_open_write(int dir, const char *name);
int lot_open_lock(int dir, const char *name);
int lot_create_new(int dir, const char *name);
int lot_close(int fd);

// Status of a descriptor, or of a name that is not followed.
int lot_status(int fd, lot_file_status *out);
int lot_status_at(int dir, const char *name, lot_file_status *out);

// Reading and writing; `all` means until done, end of file, or an error.
int64_t lot_read_all(int fd, void *buffer, size_t count);
int64_t lot_pread_all(int fd, void *buffer, size_t count, int64_t offset);
int64_t lot_pwrite_all(int fd, const void *buffer, size_t count, int64_t offset);
int lot_rewind(int fd);
int lot_truncate(int fd, int64_t size);
int lot_fsync(int fd);
// Begins to put a file's bytes on the disk without waiting; the content of a file, but not what
// only its status tells; everything that was written to its file system.
int lot_begin_sync(int fd);
int lot_fdatasync(int fd);
int lot_sync_all(int fd);

// Names.
int lot_mkdir_path(const char *path);
// Makes a folder and those above it, as far as they are missing.
int lot_make_folders(const char *path);
int lot_mkdir(int dir, const char *name);
int lot_rename(int from, const char *old_name, int to, const char *new_name);
int lot_rename_new(int dir, const char *old_name, const char *new_name);
int lot_exchange(int dir, const char *one, const char *other);
int lot_unlink(int dir, const char *name);
int lot_rmdir(int dir, const char *name);

// Takes the exclusive lock without waiting: 0, or -EWOULDBLOCK.
int lot_lock(int fd);
int lot_unlock(int fd);
int lot_host_name(char *buffer, size_t count);

// Maps `count` bytes from the start for reading; `*address` is null where count is 0.
int lot_map(int fd, size_t count, const void **address);
void lot_unmap(const void *address, size_t count);

// Names in a folder, one a call: the length, 0 at the end, or -errno.
void *lot_list_open(int dir);
int lot_list_next(void *list, char *buffer, size_t count);
void lot_list_close(void *list);

// CRC-32C (Castagnoli), as in RFC 3720.
uint32_t lot_crc32c(const void *bytes, size_t count);

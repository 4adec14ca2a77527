// Files that only their owner may see: the state folder and what is in it. Every function returns
// a value >= 0, or -errno, and follows links: the user named the path.
#pragma once
#include <stdint.h>

typedef struct {
    int32_t is_folder;
    int32_t is_regular;
    uint32_t mode;     // permission bits
    uint32_t owner;    // user id
    int64_t file_system;  // statfs magic
    int64_t free_bytes;   // for this user
} lot_place_status;

int lot_place(const char *path, lot_place_status *out);
uint32_t lot_user(void);
// The folder is 0700, the file 0600, whatever the umask; the file must be new (-EEXIST).
int lot_make_private_folder(const char *path);
int lot_create_private_file(const char *path);
int lot_make_private_file(const char *path);
// Opens (or creates, 0600) a file that is locked with lot_lock; never a link.
int lot_open_private_lock(const char *path);
int lot_unlink_path(const char *path);

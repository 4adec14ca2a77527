#include "CSQLite.h"

#include <sqlite3.h>

static const struct {
    int option;
    int wanted;
} switches[] = {
    {SQLITE_DBCONFIG_DEFENSIVE, 1},
    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
    {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
    {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
    {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
};
enum { count = sizeof switches / sizeof switches[0], longest = 64 << 20 };

/// Sets each switch, or with `asks` only reads it (-1 leaves it as it is).
static int apply(sqlite3 *connection, int asks) {
    for (int i = 0; i < count; i++) {
        int now = -1;
        int wanted = asks ? -1 : switches[i].wanted;
        int code = sqlite3_db_config(connection, switches[i].option, wanted, &now);
        if (code != SQLITE_OK || now != switches[i].wanted) return i + 1;
    }
    return 0;
}

int lot_sqlite_defend(void *connection) {
    sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, longest);
    return apply(connection, 0);
}

int lot_sqlite_is_defended(void *connection) {
    if (sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, -1) > longest) return count + 1;
    return apply(connection, 1);
}

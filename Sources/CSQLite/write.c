#include "CSQLite.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

/// The switches of a connection, as StoreDatabase.swift sets them.
static const struct {
    const char *set;
    const char *read;
    const char *wanted;
} switches[] = {
    {"PRAGMA trusted_schema = 0", "PRAGMA trusted_schema", "0"},
    {"PRAGMA cell_size_check = 1", "PRAGMA cell_size_check", "1"},
    {"PRAGMA mmap_size = 0", "PRAGMA mmap_size", "0"},
    {"PRAGMA synchronous = 2", "PRAGMA synchronous", "2"},
    {"PRAGMA foreign_keys = 1", "PRAGMA foreign_keys", "1"},
    {"PRAGMA temp_store = 2", "PRAGMA temp_store", "2"},
    {"PRAGMA journal_mode = delete", "PRAGMA journal_mode", "delete"},
};

/// The first value of a query's first row, as text; empty where there is none.
static int ask(sqlite3 *db, const char *sql, char *answer, size_t size) {
    sqlite3_stmt *statement;
    answer[0] = 0;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (code != SQLITE_OK) return code;
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        snprintf(answer, size, "%s", text ? text : "");
    }
    int ended = sqlite3_finalize(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : ended;
}

/// Whether a number in the file's header is the wanted one: SQLITE_OK, LOT_SQLITE_OTHER_SCHEMA, or
/// what SQLite says.
static int check(sqlite3 *db, const char *sql, int32_t wanted) {
    char text[32];
    char number[16];
    int code = ask(db, sql, text, sizeof text);
    if (code != SQLITE_OK) return code;
    snprintf(number, sizeof number, "%d", wanted);
    return strcmp(text, number) == 0 ? SQLITE_OK : LOT_SQLITE_OTHER_SCHEMA;
}

static int set_switches(sqlite3 *db, char *message, int size) {
    char now[32];
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++) {
        int code = sqlite3_exec(db, switches[i].set, NULL, NULL, NULL);
        if (code == SQLITE_OK) code = ask(db, switches[i].read, now, sizeof now);
        if (code != SQLITE_OK) return code;
        // SQLite passes over a pragma that it does not know, and then tells nothing.
        if (strcmp(now[0] ? now : "0", switches[i].wanted) == 0) continue;
        snprintf(message, size, "%s is %s", switches[i].read + strlen("PRAGMA "), now);
        return LOT_SQLITE_SWITCH;
    }
    return SQLITE_OK;
}

static int bind(sqlite3_stmt *statement, int column, const lot_sqlite_value *value,
                const char *texts) {
    switch (value->kind) {
    case LOT_SQLITE_INTEGER: return sqlite3_bind_int64(statement, column, value->integer);
    case LOT_SQLITE_REAL: return sqlite3_bind_double(statement, column, value->real);
    case LOT_SQLITE_TEXT:
        return sqlite3_bind_text(
            statement, column, texts + value->integer, value->length, SQLITE_STATIC);
    default: return sqlite3_bind_null(statement, column);
    }
}

static int run(sqlite3 *db, const lot_sqlite_job *job) {
    sqlite3_stmt *statement;
    int code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (code != SQLITE_OK) return code;
    code = sqlite3_prepare_v2(db, job->sql, -1, &statement, NULL);
    if (code != SQLITE_OK) return code;
    if (sqlite3_bind_parameter_count(statement) != job->columns) code = SQLITE_RANGE;
    const lot_sqlite_value *value = job->values;
    for (int32_t row = 0; row < job->rows && code == SQLITE_OK; row++) {
        for (int column = 1; column <= job->columns && code == SQLITE_OK; column++)
            code = bind(statement, column, value++, job->texts);
        if (code != SQLITE_OK) break;
        code = sqlite3_step(statement);
        if (code == SQLITE_DONE) code = sqlite3_reset(statement);
    }
    if (code != SQLITE_OK) {
        sqlite3_finalize(statement);
        return code;
    }
    code = sqlite3_finalize(statement);
    return code == SQLITE_OK ? sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) : code;
}

static int work(sqlite3 *db, const lot_sqlite_job *job, char *message, int size) {
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, job->wait_ms);
    int refused = lot_sqlite_defend(db);
    if (refused == 0) refused = lot_sqlite_is_defended(db);
    if (refused != 0) {
        snprintf(message, size, "SQLite's defences cannot be switched on");
        return LOT_SQLITE_SWITCH;
    }
    int code = check(db, "PRAGMA application_id", job->application);
    if (code == SQLITE_OK) code = check(db, "PRAGMA user_version", job->version);
    if (code == SQLITE_OK) code = set_switches(db, message, size);
    if (code == SQLITE_OK) code = run(db, job);
    if (code > 0) snprintf(message, size, "%s", sqlite3_errmsg(db));
    return code;
}

int lot_sqlite_write(const lot_sqlite_job *job, char *message, int size) {
    sqlite3 *db = NULL;
    message[0] = 0;
    int code = sqlite3_open_v2(
        job->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK) {
        code = work(db, job, message, size);
    } else if (db) {
        snprintf(message, size, "%s", sqlite3_errmsg(db));
        code = sqlite3_extended_errcode(db);
    }
    // Rolls back what has not been committed.
    sqlite3_close(db);
    return code;
}

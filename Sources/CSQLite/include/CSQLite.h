// What Swift cannot call of SQLite (sqlite3_db_config has variable arguments), and a write without
// GRDB for commands whose start-up time is a promise.
#pragma once
#include <stdint.h>

/// Locks a connection (a `sqlite3 *`) down: a hostile or damaged file can neither run code of its
/// own (triggers, views, extensions, functions with side effects) nor change the file behind the
/// back of its schema, and no value is longer than 64 MiB.
///
/// Returns 0, or the number of the switch that did not stay as it was set.
int lot_sqlite_defend(void *connection);

/// Whether `lot_sqlite_defend` still holds: 0, or the number of the switch that does not.
int lot_sqlite_is_defended(void *connection);

enum { LOT_SQLITE_NULL = 0, LOT_SQLITE_INTEGER = 1, LOT_SQLITE_REAL = 2, LOT_SQLITE_TEXT = 3 };

/// A value that takes the place of a `?`.
typedef struct {
    int32_t kind;
    /// Bytes of a text.
    int32_t length;
    /// The integer, or where the text begins in the job's `texts`.
    int64_t integer;
    double real;
} lot_sqlite_value;

/// One statement, run once for each row of values, in one transaction.
typedef struct {
    const char *path;
    /// What `application_id` and `user_version` must say.
    int32_t application;
    int32_t version;
    /// Milliseconds to wait for other processes.
    int32_t wait_ms;
    /// The statement, with `columns` times `?`.
    const char *sql;
    const lot_sqlite_value *values;
    int32_t columns;
    int32_t rows;
    /// UTF-8 of all texts, one after another.
    const char *texts;
} lot_sqlite_job;

enum { LOT_SQLITE_OTHER_SCHEMA = -1, LOT_SQLITE_SWITCH = -2 };

/// Opens the file, defends the connection, sets the switches that LotStore's own connections have
/// (docs/architecture.md) and reads each of them back, runs the job and closes the file. What it
/// wrote is durable when it returns 0; otherwise nothing was written.
///
/// Returns 0, or an extended result code of SQLite, or LOT_SQLITE_OTHER_SCHEMA for a file of
/// another application or version, or LOT_SQLITE_SWITCH where a switch does not stay as it was set.
/// `message` says more, in at most `size` bytes with the terminating zero.
int lot_sqlite_write(const lot_sqlite_job *job, char *message, int size);

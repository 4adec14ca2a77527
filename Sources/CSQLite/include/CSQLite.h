// What Swift cannot call of SQLite: sqlite3_db_config has variable arguments.
#pragma once

/// Locks a connection (a `sqlite3 *`) down: a hostile or damaged file can neither run code of its
/// own (triggers, views, extensions, functions with side effects) nor change the file behind the
/// back of its schema, and no value is longer than 64 MiB.
///
/// Returns 0, or the number of the switch that did not stay as it was set.
int lot_sqlite_defend(void *connection);

/// Whether `lot_sqlite_defend` still holds: 0, or the number of the switch that does not.
int lot_sqlite_is_defended(void *connection);

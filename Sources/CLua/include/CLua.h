#pragma once
// A sandboxed Lua 5.4 state for trading strategies.
//
// Lua errors are longjmps. They never cross a Swift frame: whatever can raise is in this target,
// Swift is called back with plain values and answers with a status, and C raises afterwards.
// No Lua type appears in this header.
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

/// A sandboxed state. Not thread-safe; it may move between threads while no call runs.
typedef struct lot_lua lot_lua;

/// How a call into the state ended.
enum {
    LOT_OK = 0,
    LOT_SYNTAX = 1,   ///< the text is not Lua
    LOT_RUNTIME = 2,  ///< the script, or the contract's checks, raised an error
    LOT_TIME = 3,     ///< the time limit of a call
    LOT_MEMORY = 4,   ///< the memory limit of the state
    LOT_PATTERN = 5,  ///< the step limit of a pattern
    LOT_SYSTEM = 6,   ///< the state or its timer could not be made
};

/// The kinds of a plain value.
enum { LOT_NIL = 0, LOT_NUMBER = 1, LOT_TEXT = 2, LOT_BOOL = 3 };

/// A value that crosses the border; text is not owned and need not end in NUL.
typedef struct {
    int32_t kind;
    double number;
    const char *text;
    size_t length;
} lot_value;

/// What the script asks of its host: returns 0 and a result, or 1 and the reason as text.
/// The result's text must stay valid until the next call.
typedef int32_t (*lot_host)(
    void *context, int32_t operation, const lot_value *arguments, int32_t count,
    lot_value *result);

/// Takes a value for line `line` of those that the script plots, at a row and its close time.
typedef void (*lot_plot)(void *context, int32_t line, double value, int64_t row, int64_t time);

/// What a script can read about its account.
typedef struct {
    int64_t row;
    int64_t time;
    double position;
    double entry_price;
    int64_t entry_row;
    double cash;
    double equity;
    double profit;
} lot_account;

/// Makes a state; NULL if there is no memory for it. One that can be rewound has a region of memory
/// of its own.
lot_lua *lot_create(
    size_t memory_limit, int32_t call_milliseconds, uint64_t seed, bool can_rewind, lot_host host,
    lot_plot plot, void *context);
void lot_destroy(lot_lua *state);

/// Notes what the state is, between calls; false if there is no memory or it cannot be rewound.
bool lot_state_note(lot_lua *state);
/// Makes the state what it was when it was noted, to the bit; between calls, and before any run.
void lot_state_rewind(lot_lua *state);

/// Runs trusted Lua that completes the sandbox; it receives the table of host functions.
int32_t lot_run_prelude(lot_lua *state, const char *text, size_t length);

/// Loads a script (text only, never bytecode), runs it and keeps what it returns.
int32_t lot_run_script(lot_lua *state, const char *text, size_t length, const char *name);

/// Calls an entry of the prelude. `label` names the callback in messages.
int32_t lot_call(
    lot_lua *state, const char *entry, const lot_value *arguments, int32_t count,
    const char *label);

/// Sets the address at which `base[row]` is the value of a series' node.
void lot_set_base(lot_lua *state, int32_t node, const double *base);
/// Says that a node has rows of its own: `rows[row]` is the newest of them that had closed at row
/// `row` of the main bars, -1 before the first.
void lot_set_rows(lot_lua *state, int32_t node, const int64_t *rows);
/// Sets the columns that `bar` reads, of bars `interval` milliseconds long; volume may be NULL.
void lot_set_columns(
    lot_lua *state, int64_t interval, const int64_t *open_time, const double *open,
    const double *high, const double *low, const double *close, const double *volume);

/// Sets what the script can read of its account, and the row that series end at.
int32_t lot_set_account(lot_lua *state, const lot_account *account);

/// Calls `on_bar` for the rows from `account->row` on, below `end`, while only the close changes:
/// equity is cash + position * close, and nothing else of the account moves.
///
/// One protected call for all of them, and the time limit for each; nothing is allocated by the
/// host. Ends after a row at which `lot_interrupt` was called. `taken` counts the rows that ended
/// well.
int32_t lot_on_bars(lot_lua *state, const lot_account *account, int64_t end, int64_t *taken);

/// Tells `lot_on_bars` to come back after this row; called by the host while it answers.
void lot_interrupt(lot_lua *state);

/// Row and close time of the newest closed bar, -1 and 0 before the first.
int64_t lot_row(const lot_lua *state);
int64_t lot_time(const lot_lua *state);

/// The bars that a function of `ta.define` is called for; volume may be NULL.
typedef struct {
    int64_t interval;  ///< length of a bar, milliseconds
    const int64_t *open_time;
    const double *open, *high, *low, *close, *volume;
} lot_bars;

/// Makes an instance of function `number` of `ta.define`: an empty state of its own.
int32_t lot_define_instance(lot_lua *state, int32_t number, int32_t *instance);
/// Calls it for the rows from `first` on, `count` of them, oldest first: output k of row i goes to
/// `outputs[k][i]`, NaN where it returned nothing. The time limit is for each row.
int32_t lot_define_run(
    lot_lua *state, int32_t instance, const lot_bars *bars, int64_t first, int64_t count,
    double *const *outputs, int32_t output_count);

/// What the last failed call left behind.
const char *lot_error_message(const lot_lua *state);
/// The script's file and line, or "" and 0.
const char *lot_error_source(const lot_lua *state);
int32_t lot_error_line(const lot_lua *state);
/// Lines of the script that led there, innermost first, separated by line breaks.
const char *lot_error_traceback(const lot_lua *state);
/// Bytes that the state holds now.
size_t lot_memory_used(const lot_lua *state);

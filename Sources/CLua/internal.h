#pragma once
// Shared by the files of this target; see include/CLua.h for the outside.
#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>
#include <signal.h>
#include <stdbool.h>

#include "include/CLua.h"

#define LOT_MAX_SLOTS 96
#define LOT_MAX_HISTORY 5000
#define LOT_MAX_ARGUMENTS 16
#define LOT_TEXT_SIZE 1024
#define LOT_PLACE_SIZE 256
#define LOT_TRACE_SIZE 2048

/// A line of a script, and the lines that led to it.
typedef struct {
    char source[LOT_PLACE_SIZE];
    int line;
    char traceback[LOT_TRACE_SIZE];
} lot_place;

/// A slot `series[offset]` or `bar.field` that the script was seen to read.
typedef struct {
    const void *table;  // its table, which the registry keeps alive; the bar's own for its fields
    int offset;  // rows back, or the field of the bar
    int node;    // node of the series; -1 for a field of the bar
    bool condition;
    bool cold;   // whether it never becomes hot: code assigns to a field of this name
    bool hot;    // whether the host writes its value into the table at every bar
    int reads;   // reads that went through __index lately
    double *cell;  // where its number lies (cells.c), or NULL
    const unsigned char *tag;  // the byte that is `number_tag` while a number lies there
    unsigned char number_tag;
    int written;  // of a condition: 1 + what its table holds; 0: not known
} lot_slot;

/// Memory that can be brought back to what it was: arena.c.
typedef struct lot_arena lot_arena;

/// A block of memory of a table.
typedef struct {
    char *start;
    size_t size;
} lot_block;

#define LOT_MAX_BLOCKS 4

/// The blocks of a series or a bar.
typedef struct {
    const void *table;
    lot_block list[LOT_MAX_BLOCKS];
    int count;
} lot_blocks;

struct lot_lua {
    lua_State *L;
    lot_arena *arena;       // where all its memory is; NULL: from malloc
    struct lot_lua *noted;  // what it was when `lot_state_note` was called
    // Memory.
    size_t used, cap;
    size_t refused_size;  // what was too much, if nothing was given since; else 0
    const void *refused_block;
    unsigned long given;  // blocks that came or grew
    lot_place memory_place;
    // Time. `call` counts calls; the timer's handler compares it with what it saw before.
    volatile unsigned long call;
    volatile sig_atomic_t armed;
    unsigned long seen_call;
    int ticks, budget_ticks, call_milliseconds;
    // How the state ended, if a limit ended it: nothing runs afterwards.
    volatile int stopped;
    // The error of the last call.
    int error_kind;
    char message[LOT_TEXT_SIZE];
    lot_place place;
    const char *label;
    char label_text[64];
    char script[LOT_PLACE_SIZE];  // the script's file, for the last words of the process
    // The host.
    lot_host host;
    lot_plot plot;
    void *context;
    bool may_require;
    uint64_t random[4];
    // What scripts read.
    lot_account account;
    const double **bases;
    int base_count;
    const int64_t **rows;  // by node: its row at each main row; NULL for the main bars
    int rows_count;
    const int64_t *open_time;
    const double *columns[5];
    int64_t interval;
    lot_slot slots[LOT_MAX_SLOTS];
    int slot_count;
    int hot[LOT_MAX_SLOTS];  // the hot ones
    int hot_count;
    unsigned bars, looks;  // bars seen, and looks taken at the slots
    int trial;             // 1 + the slot that is cold on trial; 0: none
    bool may_assign;  // whether code could assign to series[i], or to a field it computes
    bool may_change_locals;  // whether code could assign to a local that functions share
    lot_blocks *tables;    // of series and the bar
    lot_blocks *noted_tables;  // those there were at the note, as they were
    int table_count, table_room;
    lot_blocks *watched;   // the table whose blocks come and go now, or NULL
    int pushed;  // slots that lie on the stack below every call
    bool interrupted;
    bool events_ready;
    bool in_rules;
    bool in_define;  // a function of ta.define runs: it sees its bar and its state, nothing else
    unsigned long callbacks;
};

static inline lot_lua *lot_of(lua_State *L) { return *(lot_lua **)lua_getextraspace(L); }

// Keys of the registry and of metatables, by address.
extern char lot_key_env, lot_key_entries, lot_key_frozen, lot_key_host, lot_key_node;
extern char lot_key_condition, lot_key_series_meta, lot_key_result, lot_key_loaded;
extern char lot_key_series_methods, lot_key_watch, lot_key_state, lot_key_position;
extern char lot_key_view, lot_key_position_view, lot_key_assigned, lot_key_open;
extern char lot_key_slots, lot_key_armed, lot_key_copy, lot_key_defined, lot_key_instances;
extern char lot_key_contents, lot_key_length;

// errors.c
_Noreturn void lot_fail(lua_State *L, const char *format, ...);
void lot_refuse_in_define(lua_State *L, const char *what);
void lot_note_place(lua_State *L, lot_place *place);
void lot_where_script(lua_State *L);
// The place of an error without one is the function at `index`, where a line of the script has
// ended before what it left behind is looked at.
void lot_place_function(lua_State *L, int index);
int lot_message_handler(lua_State *L);
void lot_safe_tostring(lua_State *L, int index);

// arena.c
lot_arena *lot_arena_create(size_t size);
void lot_arena_destroy(lot_arena *arena);
void *lot_arena_resize(lot_arena *arena, void *place, size_t old_size, size_t new_size);
bool lot_arena_note(lot_arena *arena);
void lot_arena_rewind(lot_arena *arena);

// limits.c
int lot_begin_call(lot_lua *state);
void lot_end_call(void);
int lot_finish(lot_lua *state, int status);
_Noreturn void lot_stop(lua_State *L, int kind);
void lot_stop_later(lot_lua *state, int kind);
void lot_heed_time(lua_State *L);

// chunk.c
bool lot_load(lua_State *L, const char *text, size_t length, const char *name);

// libraries
void lot_open_base(lua_State *L, int env);
void lot_open_string(lua_State *L, int env);
void lot_open_table(lua_State *L, int env);
void lot_open_math(lua_State *L, int env);
void lot_open_host(lua_State *L);
int lot_require(lua_State *L);
bool lot_is_gmatch_iterator(lua_State *L, int index);

// order.c
// Pushes the iterator over the table at stack index 1, the only value there.
void lot_push_pairs_iterator(lua_State *L);
// Pushes the key of the table at index 1 that follows the one at index 2, the last of the stack;
// the first key if that is nil. False, and nil at index 3, if there is none.
bool lot_push_next_key(lua_State *L);
bool lot_is_pairs_iterator(lua_State *L, int index);

// freeze.c
bool lot_is_frozen(lua_State *L, int index);
bool lot_is_host(lua_State *L, int index);
bool lot_push_target(lua_State *L, int index);
lua_Integer lot_raw_length(lua_State *L, int index);
void lot_check_metatable(lua_State *L, int index);
void lot_push_metatable(lua_State *L, int index);
void lot_push_writable(lua_State *L, int index);
int lot_readonly(lua_State *L);
int lot_freeze_all(lua_State *L);
int lot_check_frozen(lua_State *L);
int lot_check_state(lua_State *L);
void lot_check_storable(lua_State *L, int function, const char *name);
int lot_captures(lua_State *L);
bool lot_is_own_function(lua_State *L, int index);

// assigned.c
typedef struct {
    bool computed, by_number, outer;
} lot_assigned;

bool lot_push_assigned(lua_State *L, int list, lot_assigned *also);
bool lot_is_assigned(lua_State *L, int name);

// views.c
void lot_open_views(lua_State *L, int list);
void lot_close_views(lua_State *L);
int lot_open_view(lua_State *L);
int lot_position_new(lua_State *L);
int lot_write_position(lua_State *L);

// pattern.c
int lot_string_find(lua_State *L);
int lot_string_match(lua_State *L);
int lot_string_gmatch(lua_State *L);
int lot_string_gsub(lua_State *L);

// define.c
int lot_define_new(lua_State *L);

// Places on the stack of a frame that runs events: at 1 is the message handler or the request; the
// tables (series) or keys (bar) of the slots follow their list.
enum { LOT_AT_ON_BAR = 2, LOT_AT_SELF, LOT_AT_CONTEXT, LOT_AT_BAR, LOT_AT_SLOTS };

// Fields of a bar; from the first time on they are whole numbers.
enum { LOT_FIELD_COUNT = 7, LOT_FIRST_TIME = 5 };

// cells.c
void lot_note_block(lot_blocks *blocks, const void *old, void *new, size_t size);
void lot_begin_table(lot_lua *state);
void lot_end_table(lua_State *L, lot_lua *state, int index);
lot_blocks *lot_blocks_of(const lot_lua *state, const void *table);
void lot_find_cell(lua_State *L, const lot_lua *state, lot_slot *slot, int at);

// slots.c
void lot_push_series(lua_State *L, const lot_lua *state, const lot_slot *slot);
// Pushes a field of the newest bar: open, high, low, close, volume, time or open_time, by place.
void lot_push_field(lua_State *L, const lot_lua *state, int field);
// Pushes the value of a known slot of a table and counts the read; false if it is not known.
bool lot_read_slot(lua_State *L, lot_lua *state, const void *table, int64_t offset);
// Remembers a slot whose table (series) or key (bar) is at `index`, during events.
void lot_add_slot(lua_State *L, lot_lua *state, lot_slot slot, int index);
// Writes every hot slot for the current row into the tables of this frame, whose first `pushed`
// slots are on the stack. Only existing keys are set, so nothing can raise.
void lot_refresh(lua_State *L, lot_lua *state, int *pushed);
// Counts a bar, and now and then decides which slots are hot; called before lot_refresh, protected.
void lot_look_at_slots(lua_State *L, lot_lua *state, int *pushed);

// Whether a callback has assigned to one of the hot slots that are on the stack.
bool lot_slots_changed(lua_State *L, const lot_lua *state, int pushed);
void lot_hide_series(lot_lua *state);

// series.c
int lot_push_bar(lua_State *L);
int lot_series_new(lua_State *L);
int lot_series_node(lua_State *L);
int lot_series_index(lua_State *L);
int lot_arm(lua_State *L);
int lot_context_index(lua_State *L);
int lot_position_index(lua_State *L);
int lot_bar_new(lua_State *L);
int lot_series_meta(lua_State *L);

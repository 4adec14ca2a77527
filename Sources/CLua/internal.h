#pragma once
// Shared by the files of this target; see include/CLua.h for the outside.
#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>
#include <signal.h>
#include <stdbool.h>

#include "include/CLua.h"

#define LOT_MAX_HOT 96
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
    int stack;   // where its table (series) or its key (bar) lies on the Lua stack; 0: not yet
    int offset;  // rows back, or the field of the bar
    int node;    // node of the series; -1 for a field of the bar
    bool condition;
} lot_hot;

struct lot_lua {
    lua_State *L;
    // Memory.
    size_t used, cap;
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
    // The host.
    lot_host host;
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
    lot_hot hot[LOT_MAX_HOT];
    int hot_count;
    bool events_ready;
    bool in_rules;
    bool in_define;  // a function of ta.define runs: it sees its bar and its state, nothing else
    const char *storable;  // what messages call the table that is checked as storable
    unsigned long callbacks;
};

static inline lot_lua *lot_of(lua_State *L) { return *(lot_lua **)lua_getextraspace(L); }

// Keys of the registry and of metatables, by address.
extern char lot_key_env, lot_key_entries, lot_key_frozen, lot_key_host, lot_key_node;
extern char lot_key_condition, lot_key_series_meta, lot_key_result, lot_key_loaded;
extern char lot_key_series_methods, lot_key_watch, lot_key_state, lot_key_position;
extern char lot_key_hot, lot_key_armed, lot_key_copy, lot_key_defined, lot_key_instances;

// errors.c
_Noreturn void lot_fail(lua_State *L, const char *format, ...);
void lot_note_place(lua_State *L, lot_place *place);
void lot_where_script(lua_State *L);
int lot_message_handler(lua_State *L);
void lot_safe_tostring(lua_State *L, int index);

// limits.c
int lot_begin_call(lot_lua *state);
void lot_end_call(void);
int lot_finish(lot_lua *state, int status);
_Noreturn void lot_stop(lua_State *L, int kind);

// libraries
void lot_open_base(lua_State *L, int env);
void lot_open_string(lua_State *L, int env);
void lot_open_table(lua_State *L, int env);
void lot_open_math(lua_State *L, int env);
void lot_open_host(lua_State *L);
int lot_require(lua_State *L);

// freeze.c
bool lot_is_frozen(lua_State *L, int index);
bool lot_is_host(lua_State *L, int index);
bool lot_push_target(lua_State *L, int index);
void lot_push_metatable(lua_State *L, int index);
void lot_push_writable(lua_State *L, int index);
int lot_readonly(lua_State *L);
int lot_freeze_all(lua_State *L);
int lot_check_frozen(lua_State *L);
int lot_check_state(lua_State *L);
void lot_check_storable(lua_State *L, const char *name);
int lot_captures(lua_State *L);

// pattern.c
int lot_string_find(lua_State *L);
int lot_string_match(lua_State *L);
int lot_string_gmatch(lua_State *L);
int lot_string_gsub(lua_State *L);

// define.c
int lot_define_new(lua_State *L);
void lot_refuse_in_define(lua_State *L, const char *what);

// series.c
void lot_hide_series(lot_lua *state);
int lot_push_bar(lua_State *L);
int lot_series_new(lua_State *L);
int lot_series_node(lua_State *L);
int lot_series_index(lua_State *L);
int lot_arm(lua_State *L);
int lot_context_index(lua_State *L);
int lot_position_index(lua_State *L);
int lot_bar_new(lua_State *L);
int lot_series_meta(lua_State *L);

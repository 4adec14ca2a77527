// The state: memory, protected calls, and where an error happened.
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

char lot_key_env, lot_key_entries, lot_key_frozen, lot_key_host, lot_key_node;
char lot_key_condition, lot_key_series_meta, lot_key_result, lot_key_loaded;
char lot_key_series_methods, lot_key_watch, lot_key_state, lot_key_position;
char lot_key_hot, lot_key_armed, lot_key_copy;

// MARK: Memory

// Counts every byte; Lua collects garbage when this returns NULL, tries again, then raises.
static void *allocate(void *context, void *block, size_t old_size, size_t new_size) {
    lot_lua *state = context;
    size_t old = block ? old_size : 0;
    if (new_size == 0) {
        free(block);
        state->used -= old;
        return NULL;
    }
    if (new_size > old && state->used + (new_size - old) > state->cap) {
        // Lua gives no message handler a chance here, so the place is noted now. Reading the call
        // stack allocates nothing.
        if (state->L) lot_note_place(state->L, &state->memory_place);
        return NULL;
    }
    void *result = realloc(block, new_size);
    if (result) state->used += new_size - old;
    return result;
}

size_t lot_memory_used(const lot_lua *state) { return state->used; }

// MARK: Where an error happened

static bool is_script(const lua_Debug *record) { return record->source[0] == '@'; }

static void describe(const lua_Debug *record, const lot_lua *state, char *out, size_t size) {
    if (strcmp(record->what, "main") == 0)
        snprintf(out, size, "in the main chunk");
    else if (record->name)
        snprintf(out, size, "in %s", record->name);
    else if (state->label[0])
        snprintf(out, size, "in %s", state->label);
    else
        snprintf(out, size, "in the function of line %d", record->linedefined);
}

// Walks the call stack: the first line of a script is the place, all of them are the traceback.
void lot_note_place(lua_State *L, lot_place *place) {
    place->source[0] = 0;
    place->line = 0;
    place->traceback[0] = 0;
    lua_Debug record;
    size_t length = 0;
    int lines = 0;
    for (int level = 0; lines < 16 && lua_getstack(L, level, &record); level++) {
        lua_getinfo(L, "nSl", &record);
        if (!is_script(&record) || record.currentline < 0) continue;
        if (place->line == 0) {
            snprintf(place->source, sizeof place->source, "%s", record.source + 1);
            place->line = record.currentline;
        }
        char what[96];
        describe(&record, lot_of(L), what, sizeof what);
        int written = snprintf(
            place->traceback + length, sizeof place->traceback - length, "%s%s:%d: %s",
            lines ? "\n" : "", record.source + 1, record.currentline, what);
        if (written < 0 || (size_t)written >= sizeof place->traceback - length) {
            place->traceback[length] = 0;
            return;
        }
        length += (size_t)written;
        lines += 1;
    }
}

// Pushes "file:line: " of the innermost line of a script, or "".
void lot_where_script(lua_State *L) {
    lua_Debug record;
    for (int level = 0; lua_getstack(L, level, &record); level++) {
        lua_getinfo(L, "Sl", &record);
        if (!is_script(&record) || record.currentline < 0) continue;
        lua_pushfstring(L, "%s:%d: ", record.source + 1, record.currentline);
        return;
    }
    lua_pushliteral(L, "");
}

// Raises an error that points at the script's own line.
void lot_fail(lua_State *L, const char *format, ...) {
    lot_where_script(L);
    va_list arguments;
    va_start(arguments, format);
    lua_pushvfstring(L, format, arguments);
    va_end(arguments);
    lua_concat(L, 2);
    lua_error(L);
    __builtin_unreachable();
}

// Splits "file:12: text"; returns the text and fills the place, or returns NULL.
static const char *split_place(const char *message, lot_place *place) {
    for (const char *colon = strchr(message, ':'); colon; colon = strchr(colon + 1, ':')) {
        char *end;
        if (colon[1] < '0' || colon[1] > '9') continue;
        long line = strtol(colon + 1, &end, 10);
        if (end[0] != ':' || end[1] != ' ' || line > 1000000000) continue;
        size_t length = (size_t)(colon - message);
        if (length >= LOT_PLACE_SIZE) return NULL;
        memcpy(place->source, message, length);
        place->source[length] = 0;
        place->line = (int)line;
        return end + 2;
    }
    return NULL;
}

static void keep_message(lua_State *L, lot_lua *state, int index) {
    const char *text = NULL;
    if (lua_type(L, index) == LUA_TSTRING) text = lua_tostring(L, index);
    if (!text) {
        snprintf(
            state->message, LOT_TEXT_SIZE, "error raised with a %s instead of a message",
            luaL_typename(L, index));
        return;
    }
    lot_place named;
    const char *rest = split_place(text, &named);
    bool inside = rest && (strcmp(named.source, "lot") == 0);
    bool made = rest && (strcmp(named.source, "load") == 0 || strcmp(named.source, "where") == 0);
    if (rest && !inside && !made) {
        snprintf(state->place.source, sizeof state->place.source, "%s", named.source);
        state->place.line = named.line;
        text = rest;
    } else if (inside) {
        text = rest;
    }
    snprintf(state->message, LOT_TEXT_SIZE, "%s", text);
}

// Runs where the error was raised, with the stack still there.
int lot_message_handler(lua_State *L) {
    lot_lua *state = lot_of(L);
    if (state->stopped) return 1;
    lot_note_place(L, &state->place);
    keep_message(L, state, 1);
    return 1;
}

const char *lot_error_message(const lot_lua *state) { return state->message; }
const char *lot_error_source(const lot_lua *state) { return state->place.source; }
int32_t lot_error_line(const lot_lua *state) { return state->place.line; }
const char *lot_error_traceback(const lot_lua *state) { return state->place.traceback; }

// MARK: Life

static int panic(lua_State *L) {
    (void)L;
    static const char text[] = "lot: internal error: a script error outside a protected call\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
    (void)ignored;
    _exit(70);
}

static uint64_t split_mix(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int open_sandbox(lua_State *L) {
    lua_newtable(L);
    int env = lua_gettop(L);
    lot_open_base(L, env);
    lot_open_string(L, env);
    lot_open_table(L, env);
    lot_open_math(L, env);
    lua_pushvalue(L, env);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lot_key_env);
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lot_key_loaded);
    // The stock globals were only a quarry.
    lua_pushvalue(L, env);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_pushnil(L);
    lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    return 0;
}

lot_lua *lot_create(
    size_t memory_limit, int32_t call_milliseconds, uint64_t seed, lot_host host, void *context) {
    lot_lua *state = calloc(1, sizeof *state);
    if (!state) return NULL;
    state->cap = memory_limit;
    state->call_milliseconds = call_milliseconds;
    state->budget_ticks = (call_milliseconds + 9) / 10;
    state->host = host;
    state->context = context;
    state->may_require = true;
    state->label = state->label_text;
    state->account.row = -1;
    state->account.entry_row = -1;
    for (int i = 0; i < 4; i++) state->random[i] = split_mix(&seed);
    lua_State *L = lua_newstate(allocate, state);
    if (!L) {
        free(state);
        return NULL;
    }
    *(lot_lua **)lua_getextraspace(L) = state;
    lua_atpanic(L, panic);
    state->L = L;
    // Room for the values that stay on the stack during a run.
    if (!lua_checkstack(L, LOT_MAX_HOT + 64)) {
        lot_destroy(state);
        return NULL;
    }
    lua_pushcfunction(L, lot_message_handler);
    lua_pushcfunction(L, open_sandbox);
    if (lua_pcall(L, 0, 0, 0) != LUA_OK) {
        lot_destroy(state);
        return NULL;
    }
    return state;
}

void lot_destroy(lot_lua *state) {
    if (!state) return;
    // No script object can have a finaliser, so this runs no script.
    lua_close(state->L);
    free(state->bases);
    free(state);
}

// MARK: Protected calls

typedef struct {
    const char *text;
    size_t length;
    const char *name;
    const lot_value *arguments;
    int count;
} request;

// Ends the call and turns Lua's status into ours, with its message.
int lot_finish(lot_lua *state, int status) {
    lot_end_call();
    if (status == LUA_OK) return LOT_OK;
    if (status == LUA_ERRMEM && !state->stopped) {
        state->stopped = LOT_MEMORY;
        state->place = state->memory_place;
    }
    switch (state->stopped) {
    case LOT_TIME:
        snprintf(
            state->message, LOT_TEXT_SIZE, "stopped: %d ms time limit in %s",
            state->call_milliseconds, state->label);
        break;
    case LOT_MEMORY:
        snprintf(
            state->message, LOT_TEXT_SIZE, "stopped: %zu MiB memory limit in %s",
            state->cap >> 20, state->label);
        break;
    case LOT_PATTERN:
        snprintf(state->message, LOT_TEXT_SIZE, "stopped: pattern too complex in %s", state->label);
        break;
    default: return state->error_kind = state->error_kind ? state->error_kind : LOT_RUNTIME;
    }
    return state->stopped;
}

static int run(lot_lua *state, lua_CFunction body, request *what, const char *label) {
    state->error_kind = 0;
    snprintf(state->label_text, sizeof state->label_text, "%s", label);
    state->label = state->label_text;
    int status = lot_begin_call(state);
    if (status != LOT_OK) return status;
    lua_State *L = state->L;
    int top = lua_gettop(L);
    lua_pushcfunction(L, body);
    lua_pushlightuserdata(L, what);
    status = lua_pcall(L, 1, 0, 1);
    lua_settop(L, top);
    return lot_finish(state, status);
}

static int prelude_body(lua_State *L) {
    const request *what = lua_touserdata(L, 1);
    if (luaL_loadbufferx(L, what->text, what->length, "=lot", "t") != LUA_OK) return lua_error(L);
    lot_open_host(L);
    lua_call(L, 1, 0);
    return 0;
}

static int script_body(lua_State *L) {
    const request *what = lua_touserdata(L, 1);
    lot_lua *state = lot_of(L);
    lua_pushfstring(L, "@%s", what->name);
    const char *name = lua_tostring(L, -1);
    if (luaL_loadbufferx(L, what->text, what->length, name, "t") != LUA_OK) {
        state->error_kind = LOT_SYNTAX;
        return lua_error(L);
    }
    lua_call(L, 0, 1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lot_key_result);
    return 0;
}

static int entry_body(lua_State *L) {
    const request *what = lua_touserdata(L, 1);
    luaL_checkstack(L, what->count + 4, NULL);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_entries);
    lua_getfield(L, -1, what->name);
    for (int i = 0; i < what->count; i++) {
        const lot_value *value = &what->arguments[i];
        switch (value->kind) {
        case LOT_NUMBER: lua_pushnumber(L, value->number); break;
        case LOT_TEXT: lua_pushlstring(L, value->text, value->length); break;
        case LOT_BOOL: lua_pushboolean(L, value->number != 0); break;
        default: lua_pushnil(L);
        }
    }
    lua_call(L, what->count, 0);
    return 0;
}

int32_t lot_run_prelude(lot_lua *state, const char *text, size_t length) {
    request what = {.text = text, .length = length};
    return run(state, prelude_body, &what, "the prelude");
}

int32_t lot_run_script(lot_lua *state, const char *text, size_t length, const char *name) {
    request what = {.text = text, .length = length, .name = name};
    return run(state, script_body, &what, "the main chunk");
}

int32_t lot_call(
    lot_lua *state, const char *entry, const lot_value *arguments, int32_t count,
    const char *label) {
    request what = {.name = entry, .arguments = arguments, .count = count};
    return run(state, entry_body, &what, label);
}

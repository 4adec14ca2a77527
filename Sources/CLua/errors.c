// What everything else stands on: the registry's keys, raising errors, and where they happened.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

char lot_key_env, lot_key_entries, lot_key_frozen, lot_key_host, lot_key_node;
char lot_key_condition, lot_key_series_meta, lot_key_result, lot_key_loaded;
char lot_key_series_methods, lot_key_watch, lot_key_state, lot_key_position;
char lot_key_view, lot_key_position_view, lot_key_assigned, lot_key_open;
char lot_key_slots, lot_key_armed, lot_key_copy, lot_key_defined, lot_key_instances;
char lot_key_contents, lot_key_length;

// Pushes a text for the value at `index`; never an address.
void lot_safe_tostring(lua_State *L, int index) {
    index = lua_absindex(L, index);
    if (luaL_callmeta(L, index, "__tostring")) {
        if (!lua_isstring(L, -1)) lot_fail(L, "'__tostring' must return a string");
        return;
    }
    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
    case LUA_TSTRING: luaL_tolstring(L, index, NULL); break;
    case LUA_TBOOLEAN: lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false"); break;
    case LUA_TNIL: lua_pushliteral(L, "nil"); break;
    default:
        if (luaL_getmetafield(L, index, "__name") == LUA_TSTRING) break;
        lua_pushstring(L, luaL_typename(L, index));
    }
}

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

void lot_place_function(lua_State *L, int index) {
    lot_place *place = &lot_of(L)->place;
    lua_Debug record;
    if (place->line > 0 || !lua_isfunction(L, index)) return;
    lua_pushvalue(L, index);
    lua_getinfo(L, ">S", &record);
    snprintf(place->source, sizeof place->source, "%s", record.source + 1);
    place->line = record.linedefined;
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

// Raises if a function of ta.define asks for what is not its own.
void lot_refuse_in_define(lua_State *L, const char *what) {
    if (lot_of(L)->in_define)
        lot_fail(
            L, "a function of ta.define sees its bar and its state only: %s is not available to it",
            what);
}

const char *lot_error_message(const lot_lua *state) { return state->message; }
const char *lot_error_source(const lot_lua *state) { return state->place.source; }
int32_t lot_error_line(const lot_lua *state) { return state->place.line; }
const char *lot_error_traceback(const lot_lua *state) { return state->place.traceback; }

// The state: its memory, its life, and protected calls into it.
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

// MARK: Memory

// Lua asks a second time for what it was refused, after it has collected garbage. If that is too
// much too, the script has ended here and now: were it left to whoever catches Lua's error, an
// error raised by a `__close` on the way up would take the place of this one.
static void refuse(lot_lua *state, const void *block, size_t new_size) {
    if (!state->L) return;
    bool again = state->refused_size == new_size && state->refused_block == block;
    state->refused_size = new_size;
    state->refused_block = block;
    // Lua gives no message handler a chance here, so the place is noted now. Reading the call
    // stack allocates nothing.
    lot_note_place(state->L, &state->memory_place);
    if (again) lot_stop_later(state, LOT_MEMORY);
}

// Counts every byte; Lua collects garbage when this returns NULL, tries again, then raises.
static void *allocate(void *context, void *block, size_t old_size, size_t new_size) {
    lot_lua *state = context;
    size_t old = block ? old_size : 0;
    if (new_size == 0) {
        if (state->watched) lot_note_block(state->watched, block, NULL, 0);
        if (state->arena) lot_arena_resize(state->arena, block, old, 0);
        else free(block);
        state->used -= old;
        return NULL;
    }
    if (new_size > old && state->used + (new_size - old) > state->cap) {
        refuse(state, block, new_size);
        return NULL;
    }
    void *result = state->arena ? lot_arena_resize(state->arena, block, old, new_size)
                                : realloc(block, new_size);
    if (result) state->used += new_size - old;
    if (new_size > old) {
        state->refused_size = 0;
        state->given += 1;
    }
    if (result && state->watched) lot_note_block(state->watched, block, result, new_size);
    return result;
}

size_t lot_memory_used(const lot_lua *state) { return state->used; }

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
    size_t memory_limit, int32_t call_milliseconds, uint64_t seed, bool can_rewind, lot_host host,
    lot_plot plot, void *context) {
    lot_lua *state = calloc(1, sizeof *state);
    if (!state) return NULL;
    state->cap = memory_limit;
    state->call_milliseconds = call_milliseconds;
    state->budget_ticks = (call_milliseconds + 9) / 10;
    state->host = host;
    state->plot = plot;
    state->context = context;
    state->may_require = true;
    state->label = state->label_text;
    state->account.row = -1;
    state->account.entry_row = -1;
    for (int i = 0; i < 4; i++) state->random[i] = split_mix(&seed);
    if (can_rewind) {
        // Sizes are rounded up to at most twice, and blocks that grew leave theirs behind.
        state->arena = lot_arena_create(4 * memory_limit);
        if (!state->arena) {
            free(state);
            return NULL;
        }
    }
    lua_State *L = lua_newstate(allocate, state);
    if (!L) {
        lot_arena_destroy(state->arena);
        free(state);
        return NULL;
    }
    *(lot_lua **)lua_getextraspace(L) = state;
    lua_atpanic(L, panic);
    state->L = L;
    // Garbage is collected when half as much again has come, not as much again: runs over many
    // symbols have a state for each.
    lua_gc(L, LUA_GCINC, 150, 0, 0);
    // Room for the values that stay on the stack during a run.
    if (!lua_checkstack(L, LOT_MAX_SLOTS + 64)) {
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
    if (state->arena) lot_arena_destroy(state->arena);
    else lua_close(state->L);
    free(state->noted);
    free(state->bases);
    free(state->rows);
    free(state->tables);
    free(state->noted_tables);
    free(state);
}

bool lot_state_note(lot_lua *state) {
    if (!state->arena) return false;
    size_t size = (size_t)state->table_count * sizeof *state->tables;
    lot_blocks *tables = realloc(state->noted_tables, size + 1);
    if (!tables) return false;
    if (size > 0) memcpy(tables, state->tables, size);
    state->noted_tables = tables;
    if (!state->noted) state->noted = malloc(sizeof *state);
    if (!state->noted) return false;
    *state->noted = *state;
    return lot_arena_note(state->arena);
}

void lot_state_rewind(lot_lua *state) {
    if (!state->noted) return;
    lot_lua *noted = state->noted, now = *state;
    *state = *noted;
    state->noted = noted;
    // The timer compares calls: their number may not come again.
    state->call = now.call;
    state->armed = 0;
    // Lists that are not in the region may have moved since: the note's addresses are none now.
    state->tables = now.tables;
    state->table_room = now.table_room;
    state->bases = now.bases;
    state->base_count = now.base_count;
    state->rows = now.rows;
    state->rows_count = now.rows_count;
    // What a run gave a table that was there at the note is gone: its blocks are those of then.
    size_t size = (size_t)state->table_count * sizeof *state->tables;
    if (size > 0) memcpy(state->tables, state->noted_tables, size);
    lot_arena_rewind(state->arena);
}

// MARK: Protected calls

typedef struct {
    const char *text;
    size_t length;
    const char *name;
    const lot_value *arguments;
    int count;
} request;

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

// MARK: The prelude

// The prelude's text and what Lua's compiler made of it: the same in every state of the process,
// and compiling it is most of what a state costs. A search makes a state for each trial.
typedef struct {
    char *text;
    char *code;
    size_t length, size, capacity;
} compiled;

static _Atomic(compiled *) prelude;

static int write_code(lua_State *L, const void *bytes, size_t size, void *context) {
    (void)L;
    compiled *made = context;
    if (made->size + size > made->capacity) {
        size_t capacity = (made->size + size) * 2;
        char *code = realloc(made->code, capacity);
        if (!code) return 1;
        made->code = code;
        made->capacity = capacity;
    }
    memcpy(made->code + made->size, bytes, size);
    made->size += size;
    return 0;
}

static void drop(compiled *made) {
    if (!made) return;
    free(made->text);
    free(made->code);
    free(made);
}

// Compiles a text in a state of its own; NULL without memory, or if it is no Lua.
static compiled *compile(const request *what) {
    compiled *made = calloc(1, sizeof *made);
    lua_State *L = luaL_newstate();
    bool done = made && L && (made->text = malloc(what->length)) &&
                luaL_loadbufferx(L, what->text, what->length, "=lot", "t") == LUA_OK &&
                lua_dump(L, write_code, made, 0) == 0;
    if (L) lua_close(L);
    if (!done) {
        drop(made);
        return NULL;
    }
    memcpy(made->text, what->text, what->length);
    made->length = what->length;
    return made;
}

// Loads what the compiler made, in the first state of the process too: every state then has the
// same history of memory, and a script meets its limit at the same place in each.
static int load_prelude(lua_State *L, const request *what) {
    compiled *made = atomic_load(&prelude), *none = NULL;
    if (!made && (made = compile(what)) &&
        !atomic_compare_exchange_strong(&prelude, &none, made)) {
        // Another thread was faster: one of the two is enough.
        drop(made);
        made = none;
    }
    if (made && made->length == what->length && !memcmp(made->text, what->text, what->length)) {
        return luaL_loadbufferx(L, made->code, made->size, "=lot", "b");
    }
    return luaL_loadbufferx(L, what->text, what->length, "=lot", "t");
}

static int prelude_body(lua_State *L) {
    const request *what = lua_touserdata(L, 1);
    if (load_prelude(L, what) != LUA_OK) return lua_error(L);
    lot_open_host(L);
    lua_call(L, 1, 0);
    return 0;
}

static int script_body(lua_State *L) {
    const request *what = lua_touserdata(L, 1);
    lot_lua *state = lot_of(L);
    lua_pushfstring(L, "@%s", what->name);
    const char *name = lua_tostring(L, -1);
    if (!lot_load(L, what->text, what->length, name)) {
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
    snprintf(state->script, sizeof state->script, "%s", name);
    return run(state, script_body, &what, "the main chunk");
}

int32_t lot_call(
    lot_lua *state, const char *entry, const lot_value *arguments, int32_t count,
    const char *label) {
    request what = {.name = entry, .arguments = arguments, .count = count};
    int status = run(state, entry_body, &what, label);
    if (status != LOT_OK || !state->may_assign) return status;
    if (!lot_slots_changed(state->L, state, state->pushed)) return status;
    state->place = (lot_place){.line = 0};
    snprintf(
        state->message, LOT_TEXT_SIZE,
        "a series or the bar was assigned to by %s: they are read-only", label);
    return state->error_kind = LOT_RUNTIME;
}

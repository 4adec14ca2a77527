// The base library of the sandbox: the stock functions that touch nothing, and replacements for
// those that would reach the host, depend on addresses, or swallow a limit.
#include <string.h>

#include "internal.h"

#define MAX_CHUNK (1u << 20)

// MARK: tostring and print

static int base_tostring(lua_State *L) {
    luaL_checkany(L, 1);
    lot_safe_tostring(L, 1);
    return 1;
}

// MARK: pairs and next

static int base_pairs(lua_State *L) {
    luaL_checkany(L, 1);
    if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
        lua_pushvalue(L, 1);
        lua_call(L, 1, 3);
        return 3;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lot_push_target(L, 1);
    lua_replace(L, 1);
    lot_push_pairs_iterator(L);
    return 1;
}

// `next`: the smallest key after the given one. O(n) a call; `pairs` is the way to walk a table.
static int base_next(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    lot_push_target(L, 1);
    lua_replace(L, 1);
    if (!lot_push_next_key(L)) return 1;
    lua_pushvalue(L, 3);
    lua_pushvalue(L, 3);
    lua_rawget(L, 1);
    return 2;
}

// MARK: Raw access

static int base_rawget(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    lot_push_target(L, 1);
    lua_replace(L, 1);
    lua_rawget(L, 1);
    return 1;
}

static int base_rawset(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    luaL_checkany(L, 3);
    lua_settop(L, 3);
    lot_push_writable(L, 1);
    lua_pop(L, 1);
    lua_rawset(L, 1);
    return 1;
}

static int base_rawlen(lua_State *L) {
    int type = lua_type(L, 1);
    luaL_argexpected(L, type == LUA_TTABLE || type == LUA_TSTRING, 1, "table or string");
    lua_pushinteger(
        L, type == LUA_TTABLE ? lot_raw_length(L, 1) : (lua_Integer)lua_rawlen(L, 1));
    return 1;
}

static int base_setmetatable(lua_State *L) {
    int type = lua_type(L, 2);
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
    if (lot_is_host(L, 1) || lot_is_frozen(L, 1)) lot_fail(L, "this table's metatable is fixed");
    if (type == LUA_TTABLE) {
        lot_push_target(L, 2);
        lot_check_metatable(L, -1);
        lua_pop(L, 1);
    }
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
        lot_fail(L, "cannot change a protected metatable");
    lua_settop(L, 2);
    if (type == LUA_TTABLE) lot_push_metatable(L, 2);
    lua_setmetatable(L, 1);
    lua_settop(L, 1);
    return 1;
}

// MARK: Errors and limits

static int protected_call(lua_State *L, int arguments) {
    lot_lua *state = lot_of(L);
    int status = lua_pcall(L, arguments, LUA_MULTRET, 0);
    if (status == LUA_ERRMEM) lot_stop(L, LOT_MEMORY);
    if (state->stopped) lot_stop(L, state->stopped);
    return status;
}

// `pcall` that a limit goes through.
static int base_pcall(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    if (protected_call(L, lua_gettop(L) - 2) == LUA_OK) return lua_gettop(L);
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

// `xpcall`: the handler is called after the stack has unwound, so that a limit stops it too.
static int base_xpcall(lua_State *L) {
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushvalue(L, 2);
    lua_insert(L, 1);  // handler, f, handler, ...
    lua_remove(L, 3);
    lua_pushboolean(L, 1);
    lua_insert(L, 2);
    if (protected_call(L, lua_gettop(L) - 3) == LUA_OK) return lua_gettop(L) - 1;
    lua_pushvalue(L, 1);
    lua_insert(L, -2);
    lua_call(L, 1, 1);
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

// MARK: Chunks

// Loads text as a function; the first upvalue is the environment. Pushes it, or nil and a reason.
static int load_text(lua_State *L, const char *text, size_t length, const char *name, int env) {
    if (length > MAX_CHUNK) {
        lua_pushnil(L);
        lua_pushliteral(L, "the text is longer than 1 MiB");
        return 2;
    }
    if (length > 0 && text[0] == LUA_SIGNATURE[0]) {
        lua_pushnil(L);
        lua_pushliteral(L, "precompiled Lua is not accepted; give source text");
        return 2;
    }
    if (!lot_load(L, text, length, name)) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    if (env) {
        lua_pushvalue(L, env);
        if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
    }
    return 1;
}

// `load(text)`: text only, in the script's own environment or in a table of its own.
static int base_load(lua_State *L) {
    if (lua_type(L, 1) != LUA_TSTRING) lot_fail(L, "load takes a text, got %s", luaL_typename(L,
        1));
    size_t length;
    const char *text = lua_tolstring(L, 1, &length);
    int env = 0;
    if (!lua_isnoneornil(L, 4)) {
        luaL_checktype(L, 4, LUA_TTABLE);
        env = 4;
    }
    lot_close_views(L);
    return load_text(L, text, length, "=load", env);
}

// The host gives the file's text; each file runs once.
int lot_require(lua_State *L) {
    lot_lua *state = lot_of(L);
    if (lua_type(L, 1) != LUA_TSTRING) lot_fail(L,
        "require takes a name, as in require \"signals\"");
    lua_settop(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_loaded);
    lua_pushvalue(L, 1);
    if (lua_rawget(L, 2) != LUA_TNIL) {
        if (lua_islightuserdata(L, -1)) lot_fail(L, "\"%s\" requires itself", lua_tostring(L, 1));
        return 1;
    }
    if (!state->may_require) lot_fail(L, "require works while the file loads and in on_init only");
    lua_pop(L, 1);
    lot_value name = {.kind = LOT_TEXT}, answer = {0};
    name.text = lua_tolstring(L, 1, &name.length);
    if (state->host(state->context, 0, &name, 1, &answer) != 0) {
        lua_pushlstring(L, answer.text, answer.length);
        lot_fail(L, "%s", lua_tostring(L, -1));
    }
    lua_pushlstring(L, answer.text, answer.length);  // the text
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    bool dotted = length > 0 && strstr(lua_tostring(L, 1), ".lua") != NULL;
    lua_pushfstring(L, dotted ? "@%s" : "@%s.lua", lua_tostring(L, 1));
    if (load_text(L, text, length, lua_tostring(L, -1), 0) != 1) return lua_error(L);
    lua_pushvalue(L, 1);
    lua_pushlightuserdata(L, state);
    lua_rawset(L, 2);
    lua_call(L, 0, 1);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushboolean(L, 1);
    }
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -2);
    lua_rawset(L, 2);
    return 1;
}

// MARK: Globals

// Reading a global that does not exist.
static int missing_global(lua_State *L) {
    static const char *const refused[] = {
        "os", "io", "package", "debug", "coroutine", "dofile", "loadfile", "loadstring", "unpack",
        "collectgarbage", NULL};
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2);
    for (int i = 0; refused[i]; i++)
        if (strcmp(name, refused[i]) == 0)
            lot_fail(L, "\"%s\" is not available to strategies; see docs/strategy-api.md, "
                        "\"The sandbox\"", name);
    lot_fail(L, "\"%s\" is not defined: no global or local of this name", name);
}

void lot_open_base(lua_State *L, int env) {
    static const char *const stock[] = {
        "assert", "error", "getmetatable", "ipairs", "rawequal", "select", "tonumber", "type",
        "_VERSION", NULL};
    static const luaL_Reg own[] = {
        {"tostring", base_tostring}, {"pairs", base_pairs}, {"next", base_next},
        {"rawget", base_rawget}, {"rawset", base_rawset}, {"rawlen", base_rawlen},
        {"setmetatable", base_setmetatable}, {"pcall", base_pcall}, {"xpcall", base_xpcall},
        {"load", base_load}, {"require", lot_require}, {NULL, NULL}};
    luaL_requiref(L, "_G", luaopen_base, 0);
    for (int i = 0; stock[i]; i++) {
        lua_getfield(L, -1, stock[i]);
        lua_setfield(L, env, stock[i]);
    }
    lua_pop(L, 1);
    lua_pushvalue(L, env);
    luaL_setfuncs(L, own, 0);
    lua_pop(L, 1);
    lua_pushvalue(L, env);
    lua_setfield(L, env, "_G");
    luaL_requiref(L, "utf8", luaopen_utf8, 0);
    lua_setfield(L, env, "utf8");
    lua_createtable(L, 0, 2);
    lua_pushcfunction(L, missing_global);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, env);
}

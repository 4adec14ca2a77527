// The functions that the prelude completes the sandbox with. Scripts never see this table.
#include <string.h>

#include "internal.h"

enum { NEAREST = 8, LINE_OF = 17 };  // LotScript's HostOperation

// host.call(operation, ...): asks the host. Up to 16 plain values; the answer is one value.
static int host_call(lua_State *L) {
    lot_lua *state = lot_of(L);
    int count = lua_gettop(L) - 1;
    luaL_argcheck(L, count <= LOT_MAX_ARGUMENTS, 1, "too many arguments");
    lua_Integer operation = luaL_checkinteger(L, 1);
    // What a function of ta.define may ask for only serves the messages of errors.
    if (operation != NEAREST && operation != LINE_OF) lot_refuse_in_define(L, "the run");
    lot_value values[LOT_MAX_ARGUMENTS];
    memset(values, 0, sizeof values);
    for (int i = 0; i < count; i++) {
        int index = i + 2;
        switch (lua_type(L, index)) {
        case LUA_TNUMBER:
            values[i].kind = LOT_NUMBER;
            values[i].number = lua_tonumber(L, index);
            break;
        case LUA_TSTRING:
            values[i].kind = LOT_TEXT;
            values[i].text = lua_tolstring(L, index, &values[i].length);
            break;
        case LUA_TBOOLEAN:
            values[i].kind = LOT_BOOL;
            values[i].number = lua_toboolean(L, index);
            break;
        default: values[i].kind = LOT_NIL;
        }
    }
    lot_value answer = {0};
    int failed = state->host(state->context, (int32_t)operation, values, count, &answer);
    // The host's frame has returned: from here on Lua may raise.
    if (failed) {
        lua_pushlstring(L, answer.text, answer.length);
        lot_fail(L, "%s", lua_tostring(L, -1));
    }
    switch (answer.kind) {
    case LOT_NUMBER: lua_pushnumber(L, answer.number); break;
    case LOT_TEXT: lua_pushlstring(L, answer.text, answer.length); break;
    case LOT_BOOL: lua_pushboolean(L, answer.number != 0); break;
    default: lua_pushnil(L);
    }
    return 1;
}

// host.plot(line, value): a value for a line that the host knows by number; false, and nothing
// happens, if it is no number. Plotting is done at every bar, so it does not go through host.call.
static int host_plot(lua_State *L) {
    lot_lua *state = lot_of(L);
    lot_refuse_in_define(L, "the run");
    bool is_number = lua_type(L, 2) == LUA_TNUMBER;
    if (is_number)
        state->plot(
            state->context, (int32_t)lua_tointeger(L, 1), lua_tonumber(L, 2), state->account.row,
            state->account.time);
    lua_pushboolean(L, is_number);
    return 1;
}

// host.fail(text): an error at the script's own line.
static int host_fail(lua_State *L) {
    lot_fail(L, "%s", luaL_checkstring(L, 1));
}

// host.fail_at(place, text): an error at a place that host.place() gave.
static int host_fail_at(lua_State *L) {
    lua_pushfstring(L, "%s%s", luaL_checkstring(L, 1), luaL_checkstring(L, 2));
    return lua_error(L);
}

// host.place(): "file:line: " of the script.
static int host_place(lua_State *L) {
    lot_where_script(L);
    return 1;
}

// host.span(function): its file, and its first and last line.
static int host_span(lua_State *L) {
    lua_Debug record;
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 1);
    lua_getinfo(L, ">S", &record);
    lua_pushstring(L, record.source + 1);
    lua_pushinteger(L, record.linedefined);
    lua_pushinteger(L, record.lastlinedefined);
    return 3;
}

static int host_tostring(lua_State *L) {
    luaL_checkany(L, 1);
    lot_safe_tostring(L, 1);
    return 1;
}

static int host_env(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_env);
    return 1;
}

static int host_result(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_result);
    return 1;
}

static int host_entries(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lot_key_entries);
    return 0;
}

// host.compile(text, env): a function, or nil and the reason.
static int host_compile(lua_State *L) {
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    if (!lot_load(L, text, length, "=where")) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    lua_pushvalue(L, 2);
    if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
    return 1;
}

// host.rules(is_on): whether series[i] is refused.
static int host_rules(lua_State *L) {
    lot_of(L)->in_rules = lua_toboolean(L, 1);
    return 0;
}

// host.mark(table): marks a metatable's tables as the host's, so that freezing leaves them alone.
static int host_mark(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_pushboolean(L, 1);
    lua_rawsetp(L, 1, &lot_key_host);
    return 1;
}

// host.metatable(value): its metatable, protected or not.
static int host_metatable(lua_State *L) {
    return lua_getmetatable(L, 1) ? 1 : 0;
}

static int host_context_index(lua_State *L) {
    lua_settop(L, 1);
    lua_pushcclosure(L, lot_context_index, 1);
    return 1;
}

static int host_position_index(lua_State *L) {
    lua_settop(L, 1);
    lua_pushcclosure(L, lot_position_index, 1);
    return 1;
}

// Freezes what its arguments reach, then opens the views whose fields nobody can assign to.
static int freeze(lua_State *L) {
    lot_freeze_all(L);
    lot_open_views(L, lua_gettop(L));
    return 0;
}

// Pushes the table of host functions.
void lot_open_host(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"call", host_call}, {"plot", host_plot}, {"fail", host_fail}, {"fail_at", host_fail_at},
        {"place", host_place}, {"span", host_span}, {"tostring", host_tostring}, {"env", host_env},
        {"result", host_result}, {"entries", host_entries}, {"position", lot_position_new},
        {"compile", host_compile}, {"rules", host_rules}, {"mark", host_mark}, {"metatable",
            host_metatable},
        {"context_index", host_context_index}, {"position_index", host_position_index},
        {"series", lot_series_new}, {"node", lot_series_node}, {"series_meta", lot_series_meta},
        {"bar", lot_bar_new}, {"arm", lot_arm}, {"readonly", lot_readonly},
        {"freeze", freeze}, {"open", lot_open_view}, {"check_frozen", lot_check_frozen},
        {"check_state", lot_check_state}, {"define", lot_define_new},
        {"captures", lot_captures}, {NULL, NULL}};
    luaL_newlib(L, functions);
}

// ta.define: a script's own indicators, called once per bar for whole tiles of bars.
//
// A function sees a bar, a state of its own and its parameters. What else it could reach would be
// that of the bar at which the tile is made, not of the bar it is called for: it is refused.
#include <math.h>
#include <stdio.h>

#include "internal.h"

// host.define(function, parameters): remembers a function; its number.
int lot_define_new(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 2);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_defined) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &lot_key_defined);
        lua_newtable(L);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &lot_key_instances);
    }
    lua_createtable(L, 2, 0);
    lua_pushvalue(L, 1);
    lua_rawseti(L, -2, 1);
    lua_pushvalue(L, 2);
    lua_rawseti(L, -2, 2);
    lua_Integer number = (lua_Integer)lua_rawlen(L, 3) + 1;
    lua_rawseti(L, 3, number);
    lua_pushinteger(L, number);
    return 1;
}

typedef struct {
    int number;
    const lot_bars *bars;
    int64_t first, count;
    double *const *outputs;
    int output_count;
} request;

static int protect(lot_lua *state, lua_CFunction body, request *what) {
    state->label = "ta.define";
    state->error_kind = 0;
    int status = lot_begin_call(state);
    if (status != LOT_OK) return status;
    lua_State *L = state->L;
    int top = lua_gettop(L);
    lua_pushcfunction(L, body);
    lua_pushlightuserdata(L, what);
    state->in_define = true;
    status = lua_pcall(L, 1, 0, 1);
    state->in_define = false;
    lua_settop(L, top);
    return lot_finish(state, status);
}

// MARK: Instances

static int make_instance(lua_State *L) {
    request *what = lua_touserdata(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_instances);  // 2
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_defined);
    lua_rawgeti(L, 3, what->number);  // 4: function, parameters
    lua_createtable(L, 4, 0);         // 5
    lua_rawgeti(L, 4, 1);
    lua_rawseti(L, 5, 1);
    lua_newtable(L);
    lua_rawseti(L, 5, 2);
    lot_push_bar(L);
    lua_rawseti(L, 5, 3);
    lua_rawgeti(L, 4, 2);
    lua_rawseti(L, 5, 4);
    what->number = (int)lua_rawlen(L, 2) + 1;
    lua_rawseti(L, 2, what->number);
    return 0;
}

int32_t lot_define_instance(lot_lua *state, int32_t number, int32_t *instance) {
    request what = {.number = number};
    int status = protect(state, make_instance, &what);
    *instance = what.number;
    return status;
}

// MARK: Calls

enum { FUNCTION = 2, STATE, BAR, PARAMETERS, KEYS };  // places on the stack
enum { KEY_COUNT = 7 };

static void push_keys(lua_State *L) {
    static const char *const keys[KEY_COUNT] = {"open",   "high", "low",      "close",
                                                "volume", "time", "open_time"};
    for (int i = 0; i < KEY_COUNT; i++) lua_pushstring(L, keys[i]);
}

static void set_bar(lua_State *L, const lot_bars *bars, int64_t row) {
    double values[] = {
        bars->open[row], bars->high[row], bars->low[row], bars->close[row],
        bars->volume ? bars->volume[row] : NAN};
    int64_t times[] = {bars->open_time[row] + bars->interval, bars->open_time[row]};
    for (int i = 0; i < KEY_COUNT; i++) {
        lua_pushvalue(L, KEYS + i);
        if (i < 5) lua_pushnumber(L, values[i]);
        else lua_pushinteger(L, times[i - 5]);
        lua_rawset(L, BAR);
    }
}

static _Noreturn void fail_result(lua_State *L, const char *text) {
    lua_Debug record;
    lua_pushvalue(L, FUNCTION);
    lua_getinfo(L, ">S", &record);
    lua_pushfstring(
        L, "%s:%d: the function of ta.define %s", record.source + 1, record.linedefined, text);
    lua_error(L);
    __builtin_unreachable();
}

// Takes what the function returned: the values above `base`.
static void take(lua_State *L, const request *what, int base, int64_t offset) {
    int given = lua_gettop(L) - base;
    if (given > what->output_count)
        fail_result(
            L, lua_pushfstring(
                   L, "returned %d values, its series is made for %d; see outputs in "
                      "ta.define(f, { … }, { outputs = %d })", given, what->output_count, given));
    for (int i = 0; i < what->output_count; i++) {
        int index = base + 1 + i;
        int type = i < given ? lua_type(L, index) : LUA_TNIL;
        if (type != LUA_TNUMBER && type != LUA_TNIL)
            fail_result(
                L, lua_pushfstring(
                       L, "returned a %s; it returns numbers, or nil where there is no value",
                       luaL_typename(L, index)));
        what->outputs[i][offset] = type == LUA_TNIL ? NAN : lua_tonumber(L, index);
    }
}

static int run_rows(lua_State *L) {
    const request *what = lua_touserdata(L, 1);
    lot_lua *state = lot_of(L);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_instances);
    lua_rawgeti(L, 2, what->number);
    for (int i = 1; i <= 4; i++) lua_rawgeti(L, 3, i);
    lua_remove(L, 3);
    lua_remove(L, 2);
    push_keys(L);
    int base = lua_gettop(L);
    for (int64_t i = 0; i < what->count; i++) {
        state->call += 1;  // the time limit is for each row
        set_bar(L, what->bars, what->first + i);
        lua_pushvalue(L, FUNCTION);
        lua_pushvalue(L, STATE);
        lua_pushvalue(L, BAR);
        lua_pushvalue(L, PARAMETERS);
        lua_call(L, 3, LUA_MULTRET);
        take(L, what, base, i);
        lua_settop(L, base);
    }
    lua_pushvalue(L, STATE);
    lot_check_storable(L, FUNCTION, "the state of ta.define");
    lua_pushcfunction(L, lot_check_frozen);
    lua_call(L, 0, 0);
    return 0;
}

// The place of an error without one is the function: a tail call leaves no line behind.
static void name_function(lot_lua *state, int instance) {
    lua_State *L = state->L;
    int top = lua_gettop(L);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_instances);
    if (lua_rawgeti(L, -1, instance) == LUA_TTABLE) {
        lua_rawgeti(L, -1, 1);
        lot_place_function(L, -1);
    }
    lua_settop(L, top);
}

int32_t lot_define_run(
    lot_lua *state, int32_t instance, const lot_bars *bars, int64_t first, int64_t count,
    double *const *outputs, int32_t output_count) {
    request what = {
        .number = instance, .bars = bars, .first = first, .count = count, .outputs = outputs,
        .output_count = output_count};
    lot_hide_series(state);
    int status = protect(state, run_rows, &what);
    if (status != LOT_OK) name_function(state, instance);
    return status;
}

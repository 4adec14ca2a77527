// The table library of the sandbox: raw lengths (a script's `__len` cannot make it run for ever),
// ranges with a cap, and a sort that is the same in every run.
#include <string.h>

#include "internal.h"

#define MAX_RANGE 10000000

static void need_table(lua_State *L, int index) { luaL_checktype(L, index, LUA_TTABLE); }

// Replaces the table at `index` by what may be written to.
static void need_writable(lua_State *L, int index) {
    need_table(L, index);
    lot_push_writable(L, index);
    lua_pop(L, 1);
}

static void check_range(lua_State *L, lua_Integer first, lua_Integer last, const char *name) {
    if (last >= first && (lua_Unsigned)last - (lua_Unsigned)first >= MAX_RANGE)
        lot_fail(L, "table.%s: more than 10,000,000 elements", name);
}

static int table_insert(lua_State *L) {
    need_writable(L, 1);
    lua_Integer length = lot_raw_length(L, 1), position = length + 1;
    switch (lua_gettop(L)) {
    case 2: break;
    case 3:
        position = luaL_checkinteger(L, 2);
        luaL_argcheck(
            L, (lua_Unsigned)position - 1u < (lua_Unsigned)length + 1u, 2,
            "position out of bounds");
        for (lua_Integer i = length; i >= position; i--) {
            lot_heed_time(L);
            lua_rawgeti(L, 1, i);
            lua_rawseti(L, 1, i + 1);
        }
        break;
    default: return luaL_error(L, "wrong number of arguments to 'insert'");
    }
    lua_rawseti(L, 1, position);
    return 0;
}

static int table_remove(lua_State *L) {
    need_writable(L, 1);
    lua_Integer length = lot_raw_length(L, 1), position = luaL_optinteger(L, 2, length);
    if (position != length)  // of an empty table, 0 too
        luaL_argcheck(
            L, (lua_Unsigned)position - 1u <= (lua_Unsigned)length, 2, "position out of bounds");
    lua_rawgeti(L, 1, position);
    for (; position < length; position++) {
        lot_heed_time(L);
        lua_rawgeti(L, 1, position + 1);
        lua_rawseti(L, 1, position);
    }
    lua_pushnil(L);
    lua_rawseti(L, 1, position);
    return 1;
}

// Destination is argument 5, or argument 1.
static int table_move(lua_State *L) {
    need_table(L, 1);
    lua_Integer first = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3);
    lua_Integer to = luaL_checkinteger(L, 4);
    int destination = lua_isnoneornil(L, 5) ? 1 : 5;
    need_writable(L, destination);
    check_range(L, first, last, "move");
    if (last >= first) {
        luaL_argcheck(L, to <= LUA_MAXINTEGER - (last - first), 4, "destination wrap around");
        lot_push_target(L, 1);
        int source = lua_gettop(L);
        bool forward = to > last || to <= first || (destination != 1 && !lua_rawequal(L, 1, 5));
        lua_Integer count = last - first + 1;
        for (lua_Integer n = 0; n < count; n++) {
            lot_heed_time(L);
            lua_Integer i = forward ? n : count - 1 - n;
            lua_rawgeti(L, source, first + i);
            lua_rawseti(L, destination, to + i);
        }
    }
    lua_pushvalue(L, destination);
    return 1;
}

static int table_concat(lua_State *L) {
    need_table(L, 1);
    size_t separator_length;
    const char *separator = luaL_optlstring(L, 2, "", &separator_length);
    lua_Integer first = luaL_optinteger(L, 3, 1);
    lua_Integer last = lua_isnoneornil(L, 4) ? lot_raw_length(L, 1) : luaL_checkinteger(L, 4);
    check_range(L, first, last, "concat");
    lua_settop(L, 4);
    lot_push_target(L, 1);
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    for (lua_Integer i = first; i <= last; i++) {
        lot_heed_time(L);
        if (lua_rawgeti(L, 5, i) != LUA_TSTRING && !lua_isnumber(L, -1))
            lot_fail(
                L, "invalid value (at index %I) in table for 'concat': %s", (LUAI_UACINT)i,
                luaL_typename(L, -1));
        luaL_addvalue(&out);
        if (i < last) luaL_addlstring(&out, separator, separator_length);
        if (i == LUA_MAXINTEGER) break;
    }
    luaL_pushresult(&out);
    return 1;
}

static int table_unpack(lua_State *L) {
    need_table(L, 1);
    lua_Integer first = luaL_optinteger(L, 2, 1);
    lua_Integer last = lua_isnoneornil(L, 3) ? lot_raw_length(L, 1) : luaL_checkinteger(L, 3);
    if (first > last) return 0;
    lua_Unsigned count = (lua_Unsigned)last - (lua_Unsigned)first;
    if (count >= 100000 || !lua_checkstack(L, (int)count + 2))
        lot_fail(L, "too many results to unpack");
    lot_push_target(L, 1);
    int source = lua_gettop(L);
    for (lua_Unsigned i = 0; i <= count; i++) lua_rawgeti(L, source, first + (lua_Integer)i);
    return (int)count + 1;
}

static int table_pack(lua_State *L) {
    int count = lua_gettop(L);
    lua_createtable(L, count, 1);
    lua_insert(L, 1);
    for (int i = count; i >= 1; i--) lua_rawseti(L, 1, i);
    lua_pushinteger(L, count);
    lua_setfield(L, 1, "n");
    return 1;
}

// MARK: sort

// Whether the value at the top comes before the one below it; pops nothing.
static bool less(lua_State *L) {
    if (lua_isnil(L, 2)) return lua_compare(L, -1, -2, LUA_OPLT);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -4);
    lua_call(L, 2, 1);
    bool result = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return result;
}

// Merges the runs [from, middle) and [middle, to) of the table at `source` into `target`.
static void merge(
    lua_State *L, int source, int target, lua_Integer from, lua_Integer middle, lua_Integer to) {
    lua_Integer left = from, right = middle;
    for (lua_Integer i = from; i < to; i++) {
        lot_heed_time(L);
        bool take_right = left >= middle;
        if (!take_right && right < to) {
            lua_rawgeti(L, source, left);
            lua_rawgeti(L, source, right);
            take_right = less(L);
            lua_pop(L, 2);
        }
        lua_rawgeti(L, source, take_right ? right++ : left++);
        lua_rawseti(L, target, i);
    }
}

// Merge sort from the bottom up: stable, no recursion, and no order of comparisons that depends on
// anything but the values. An order function that contradicts itself gives some order, no error.
static int table_sort(lua_State *L) {
    need_writable(L, 1);
    if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    lua_Integer length = lot_raw_length(L, 1);
    check_range(L, 1, length, "sort");
    lua_createtable(L, (int)length, 0);  // 3
    int source = 1, target = 3;
    for (lua_Integer width = 1; width < length; width *= 2) {
        for (lua_Integer from = 1; from <= length; from += 2 * width) {
            lua_Integer middle = from + width, to = from + 2 * width;
            if (middle > length + 1) middle = length + 1;
            if (to > length + 1) to = length + 1;
            merge(L, source, target, from, middle, to);
        }
        int other = source;
        source = target;
        target = other;
    }
    for (lua_Integer i = 1; source != 1 && i <= length; i++) {
        lua_rawgeti(L, source, i);
        lua_rawseti(L, 1, i);
    }
    return 0;
}

void lot_open_table(lua_State *L, int env) {
    static const luaL_Reg own[] = {
        {"insert", table_insert}, {"remove", table_remove}, {"move", table_move},
        {"concat", table_concat}, {"unpack", table_unpack}, {"pack", table_pack},
        {"sort", table_sort}, {NULL, NULL}};
    luaL_newlib(L, own);
    lua_setfield(L, env, "table");
}

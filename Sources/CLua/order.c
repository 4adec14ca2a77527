// The keys of a table in an order that is the same in every run: whole numbers, strings, booleans.
#include <string.h>

#include "internal.h"

typedef enum { KEY_INTEGER, KEY_TEXT, KEY_FALSE, KEY_TRUE } key_rank;

static key_rank rank_of(lua_State *L, int index) {
    if (lua_isinteger(L, index)) return KEY_INTEGER;
    switch (lua_type(L, index)) {
    case LUA_TSTRING: return KEY_TEXT;
    case LUA_TBOOLEAN: return lua_toboolean(L, index) ? KEY_TRUE : KEY_FALSE;
    case LUA_TNUMBER:
        lot_fail(
            L, "a table with the key %f cannot be walked: only whole numbers, strings and "
               "booleans have an order", lua_tonumber(L, index));
    default:
        lot_fail(
            L, "a table with a %s as a key cannot be walked: only whole numbers, strings and "
               "booleans have an order", luaL_typename(L, index));
    }
}

static int compare_texts(lua_State *L, int a, int b) {
    size_t a_length, b_length;
    const char *a_text = lua_tolstring(L, a, &a_length);
    const char *b_text = lua_tolstring(L, b, &b_length);
    int order = memcmp(a_text, b_text, a_length < b_length ? a_length : b_length);
    return order ? order : (a_length > b_length) - (a_length < b_length);
}

static bool comes_before(lua_State *L, int a, int b) {
    key_rank a_rank = rank_of(L, a), b_rank = rank_of(L, b);
    if (a_rank != b_rank) return a_rank < b_rank;
    if (a_rank == KEY_INTEGER) return lua_tointeger(L, a) < lua_tointeger(L, b);
    if (a_rank == KEY_TEXT) return compare_texts(L, a, b) < 0;
    return false;
}

// Puts key `root` of the heap in `keys` (at stack index 2) into its place; 1-based.
static void sift(lua_State *L, lua_Integer root, lua_Integer count) {
    for (;;) {
        lot_heed_time(L);
        lua_Integer child = 2 * root;
        if (child > count) return;
        lua_rawgeti(L, 2, child);
        if (child < count) {
            lua_rawgeti(L, 2, child + 1);
            if (comes_before(L, -2, -1)) {
                child += 1;
                lua_remove(L, -2);
            } else {
                lua_pop(L, 1);
            }
        }
        lua_rawgeti(L, 2, root);
        if (!comes_before(L, -1, -2)) {
            lua_pop(L, 2);
            return;
        }
        lua_rawseti(L, 2, child);
        lua_rawseti(L, 2, root);
        root = child;
    }
}

// Sorts the keys in the table at stack index 2 by heap sort: no recursion, no extra memory.
static void sort_keys(lua_State *L, lua_Integer count) {
    for (lua_Integer root = count / 2; root >= 1; root--) sift(L, root, count);
    for (lua_Integer last = count; last > 1; last--) {
        lua_rawgeti(L, 2, 1);
        lua_rawgeti(L, 2, last);
        lua_rawseti(L, 2, 1);
        lua_rawseti(L, 2, last);
        sift(L, 1, last - 1);
    }
}

// Upvalues: the table, its keys in order, how many, and how many were given.
static int next_pair(lua_State *L) {
    lua_Integer count = lua_tointeger(L, lua_upvalueindex(3));
    lua_Integer given = lua_tointeger(L, lua_upvalueindex(4));
    while (given < count) {
        given += 1;
        lua_rawgeti(L, lua_upvalueindex(2), given);
        lua_pushvalue(L, -1);
        lua_rawget(L, lua_upvalueindex(1));
        if (!lua_isnil(L, -1)) {
            lua_pushinteger(L, given);
            lua_replace(L, lua_upvalueindex(4));
            return 2;
        }
        lua_pop(L, 2);
    }
    lua_pushinteger(L, given);
    lua_replace(L, lua_upvalueindex(4));
    lua_pushnil(L);
    return 1;
}

bool lot_is_pairs_iterator(lua_State *L, int index) {
    return lua_tocfunction(L, index) == next_pair;
}

void lot_push_pairs_iterator(lua_State *L) {
    lua_newtable(L);
    lua_Integer count = 0;
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        lot_heed_time(L);
        lua_pop(L, 1);
        rank_of(L, -1);
        lua_pushvalue(L, -1);
        lua_rawseti(L, 2, ++count);
    }
    sort_keys(L, count);
    lua_pushinteger(L, count);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, next_pair, 4);
}

bool lot_push_next_key(lua_State *L) {
    bool first = lua_isnil(L, 2);
    if (!first) rank_of(L, 2);
    lua_pushnil(L);  // 3: the best key so far
    bool found = false;
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        lot_heed_time(L);
        lua_pop(L, 1);
        rank_of(L, -1);
        if ((first || comes_before(L, 2, -1)) && (!found || comes_before(L, -1, 3))) {
            lua_pushvalue(L, -1);
            lua_replace(L, 3);
            found = true;
        }
    }
    return found;
}

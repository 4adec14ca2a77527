// The string library of the sandbox, and `math`.
#include <string.h>

#include "internal.h"

#define MAX_REPEATED (16u << 20)

// Pushes the stock function of this name in the table kept as the first upvalue.
static void push_stock(lua_State *L, const char *name) {
    lua_getfield(L, lua_upvalueindex(1), name);
}

static int string_rep(lua_State *L) {
    size_t length, separator_length = 0;
    luaL_checklstring(L, 1, &length);
    lua_Integer count = luaL_checkinteger(L, 2);
    luaL_optlstring(L, 3, "", &separator_length);
    size_t each = length + separator_length;
    if (count <= 0 || each == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if ((lua_Unsigned)count > MAX_REPEATED / each)
        lot_fail(L, "string.rep: the result would be larger than 16 MiB");
    lua_settop(L, 3);
    push_stock(L, "rep");
    lua_insert(L, 1);
    lua_call(L, 3, 1);
    return 1;
}

// Checks the conversions, turns what `%s` shows into text without addresses, and leaves the rest
// to the stock function.
static int string_format(lua_State *L) {
    size_t length;
    const char *format = luaL_checklstring(L, 1, &length);
    int count = lua_gettop(L), argument = 1;
    for (size_t i = 0; i < length; i++) {
        if (format[i] != '%') continue;
        i += 1;
        if (i < length && format[i] == '%') continue;
        size_t start = i;
        while (i < length && strchr("-+ #0123456789.", format[i]) && format[i]) i += 1;
        if (i >= length) lot_fail(L, "invalid conversion at the end of a format");
        if (i - start > 12) lot_fail(L, "invalid format (width or precision too long)");
        argument += 1;
        if (format[i] == 'p') lot_fail(L,
            "\"%%p\" is not available to strategies: it shows addresses");
        lot_heed_time(L);
        if (format[i] == 's' && argument <= count) {
            lot_safe_tostring(L, argument);
            lua_replace(L, argument);
        }
    }
    push_stock(L, "format");
    lua_insert(L, 1);
    lua_call(L, count, 1);
    return 1;
}

static int missing_member(lua_State *L) {
    const char *library = lua_tostring(L, lua_upvalueindex(1));
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2);
    lot_fail(
        L, "\"%s.%s\" is not available to strategies; see docs/strategy-api.md, \"The sandbox\"",
        library, name);
}

// Gives the table on top of the stack a metatable that refuses unknown members.
static void refuse_unknown(lua_State *L, const char *library) {
    lua_createtable(L, 0, 1);
    lua_pushstring(L, library);
    lua_pushcclosure(L, missing_member, 1);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
}

static void copy_members(lua_State *L, int from, int to, const char *const *names) {
    for (int i = 0; names[i]; i++) {
        lua_getfield(L, from, names[i]);
        lua_setfield(L, to, names[i]);
    }
}

void lot_open_string(lua_State *L, int env) {
    static const char *const stock[] = {"byte", "char", "len", "lower", "reverse", "sub", "upper",
                                        "pack", "packsize", "unpack", NULL};
    static const luaL_Reg own[] = {
        {"find", lot_string_find}, {"match", lot_string_match}, {"gmatch", lot_string_gmatch},
        {"gsub", lot_string_gsub}, {NULL, NULL}};
    static const luaL_Reg checked[] = {{"rep", string_rep}, {"format", string_format}, {NULL,
        NULL}};
    int top = lua_gettop(L);
    luaL_requiref(L, "string", luaopen_string, 0);  // top + 1
    lua_newtable(L);                                // top + 2
    copy_members(L, top + 1, top + 2, stock);
    luaL_setfuncs(L, own, 0);
    lua_pushvalue(L, top + 1);
    luaL_setfuncs(L, checked, 1);
    // The metatable of all texts: arithmetic as usual, methods from our table, locked.
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_pushvalue(L, top + 2);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_settop(L, top + 2);
    refuse_unknown(L, "string");
    lua_setfield(L, env, "string");
    lua_settop(L, top);
    lua_getfield(L, env, "utf8");
    refuse_unknown(L, "utf8");
    lua_settop(L, top);
}

// MARK: math

static uint64_t rotated(uint64_t value, int count) {
    return (value << count) | (value >> (64 - count));
}

// xoshiro256**; Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021.
static uint64_t next_random(uint64_t *s) {
    uint64_t result = rotated(s[1] * 5, 7) * 9, shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotated(s[3], 45);
    return result;
}

// A whole number in 0...limit, every one as likely: values beyond the last multiple are redrawn.
static uint64_t below_or_equal(uint64_t *s, uint64_t limit) {
    if (limit == UINT64_MAX) return next_random(s);
    uint64_t range = limit + 1, last = UINT64_MAX - UINT64_MAX % range;
    uint64_t value;
    do value = next_random(s);
    while (value >= last);
    return value % range;
}

static int math_random(lua_State *L) {
    lot_refuse_in_define(L, "math.random");
    uint64_t *s = lot_of(L)->random;
    lua_Integer low = 1, high;
    switch (lua_gettop(L)) {
    case 0: lua_pushnumber(L, (lua_Number)(next_random(s) >> 11) * 0x1p-53); return 1;
    case 1:
        high = luaL_checkinteger(L, 1);
        if (high == 0) {
            lua_pushinteger(L, (lua_Integer)next_random(s));
            return 1;
        }
        break;
    case 2:
        low = luaL_checkinteger(L, 1);
        high = luaL_checkinteger(L, 2);
        break;
    default: return luaL_error(L, "wrong number of arguments");
    }
    luaL_argcheck(L, low <= high, lua_gettop(L), "interval is empty");
    uint64_t offset = below_or_equal(s, (uint64_t)high - (uint64_t)low);
    lua_pushinteger(L, (lua_Integer)((uint64_t)low + offset));
    return 1;
}

void lot_open_math(lua_State *L, int env) {
    static const char *const stock[] = {
        "abs", "acos", "asin", "atan", "ceil", "cos", "deg", "exp", "floor", "fmod", "huge", "log",
        "max", "maxinteger", "min", "mininteger", "modf", "pi", "rad", "sin", "sqrt", "tan",
        "tointeger", "type", "ult", NULL};
    int top = lua_gettop(L);
    luaL_requiref(L, "math", luaopen_math, 0);
    lua_newtable(L);
    copy_members(L, top + 1, top + 2, stock);
    lua_pushcfunction(L, math_random);
    lua_setfield(L, top + 2, "random");
    refuse_unknown(L, "math");
    lua_setfield(L, env, "math");
    lua_settop(L, top);
}

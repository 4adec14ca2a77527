// Which fields the code of a script can assign to, and whether it assigns to shared locals.
//
// Read from the instructions that the compiler made, by lua_dump. A script cannot bring
// instructions of its own: source text is all that is ever loaded. The layout of a dump is that of
// Lua 5.4; its header is checked, and so is what five small chunks become, so that another layout
// would mean "nothing is known", never a wrong answer.
#include <string.h>

#include "internal.h"

// The instructions that assign to a local of a function further out, or to a field of a table; all
// others assign to locals of their own, or fill a table that a constructor has just made.
enum { SET_OUTER = 10, SET_GLOBAL = 15, SET_ANY = 16, SET_NUMBER = 17, SET_FIELD = 18 };

enum { HEADER_SIZE = 31, MAX_NESTING = 250, MAX_OPERAND = 255 };

typedef struct {
    lua_State *L;
    int names;  // where the set of the names that are assigned to lies
    bool any, number, outer;
    const unsigned char *at, *end;
    bool failed;
} reading;

// MARK: Parts of a dump

static const unsigned char *take(reading *r, uint64_t size) {
    const unsigned char *result = r->at;
    if (size > (uint64_t)(r->end - r->at)) {
        r->failed = true;
        r->at = r->end;
        return NULL;
    }
    r->at += size;
    return result;
}

static int take_byte(reading *r) {
    const unsigned char *byte = take(r, 1);
    return byte ? *byte : 0;
}

// Seven bits a byte, the highest first; the last byte is marked.
static uint64_t take_number(reading *r) {
    uint64_t result = 0;
    while (!r->failed) {
        int byte = take_byte(r);
        if (result >> 56) r->failed = true;
        result = result << 7 | (uint64_t)(byte & 0x7f);
        if (byte & 0x80) return result;
    }
    return 0;
}

typedef struct {
    const unsigned char *text;  // NULL if the constant is no text
    size_t length;
} text_part;

static text_part take_text(reading *r) {
    uint64_t size = take_number(r);
    if (size == 0) return (text_part){0};
    return (text_part){.text = take(r, size - 1), .length = (size_t)size - 1};
}

static text_part take_constant(reading *r) {
    switch (take_byte(r)) {
    case 0x00: case 0x01: case 0x11: return (text_part){0};  // nil, false, true
    case 0x03: case 0x13: take(r, 8); return (text_part){0};
    case 0x04: case 0x14: return take_text(r);
    default: r->failed = true; return (text_part){0};
    }
}

static void note(reading *r, text_part name) {
    if (!name.text) {
        r->failed = true;
        return;
    }
    lua_pushlstring(r->L, (const char *)name.text, name.length);
    lua_pushboolean(r->L, 1);
    lua_rawset(r->L, r->names);
}

// Instructions and constants of one function. Not inlined: its frame is gone in inner functions.
__attribute__((noinline)) static void take_code(reading *r) {
    uint64_t count = take_number(r);
    const unsigned char *code = take(r, count > SIZE_MAX / 8 ? SIZE_MAX : 4 * count);
    text_part constants[MAX_OPERAND + 1] = {0};
    uint64_t constant_count = take_number(r);
    for (uint64_t i = 0; i < constant_count && !r->failed; i++) {
        text_part constant = take_constant(r);
        if (i <= MAX_OPERAND) constants[i] = constant;
    }
    for (uint64_t i = 0; i < count && !r->failed; i++) {
        uint32_t word;
        memcpy(&word, code + 4 * i, sizeof word);
        switch (word & 0x7f) {
        case SET_OUTER: r->outer = true; break;
        case SET_ANY: r->any = true; break;
        case SET_NUMBER: r->number = true; break;
        case SET_GLOBAL:
        case SET_FIELD: note(r, constants[word >> 16 & MAX_OPERAND]); break;
        default: break;
        }
    }
}

static void take_debug(reading *r) {
    take(r, take_number(r));
    for (uint64_t n = take_number(r); n > 0 && !r->failed; n--) take_number(r), take_number(r);
    for (uint64_t n = take_number(r); n > 0 && !r->failed; n--)
        take_text(r), take_number(r), take_number(r);
    for (uint64_t n = take_number(r); n > 0 && !r->failed; n--) take_text(r);
}

static void take_function(reading *r, int depth) {
    if (depth > MAX_NESTING) r->failed = true;
    if (r->failed) return;
    take_text(r);
    take_number(r), take_number(r);
    take(r, 3);
    take_code(r);
    uint64_t upvalues = take_number(r);
    take(r, upvalues > SIZE_MAX / 8 ? SIZE_MAX : 3 * upvalues);
    for (uint64_t n = take_number(r); n > 0 && !r->failed; n--) take_function(r, depth + 1);
    take_debug(r);
}

// Signature, version and format; marks of damage; sizes of an instruction and of numbers.
static void take_header(reading *r) {
    static const char expected[] = LUA_SIGNATURE "\x54\x00" "\x19\x93\r\n\x1a\n" "\x04\x08\x08";
    const unsigned char *header = take(r, HEADER_SIZE);
    if (!header || memcmp(header, expected, sizeof expected - 1) != 0) r->failed = true;
    take_byte(r);  // how many upvalues
}

// MARK: Functions

typedef struct {
    luaL_Buffer buffer;
    bool ready;
} sink;

static int write_part(lua_State *L, const void *part, size_t size, void *to) {
    sink *out = to;
    if (!out->ready) luaL_buffinit(L, &out->buffer);
    out->ready = true;
    luaL_addlstring(&out->buffer, part, size);
    return 0;
}

// Adds what the function at `index`, and those inside it, assign to.
static void read_function(reading *r, int index) {
    lua_State *L = r->L;
    int top = lua_gettop(L);
    sink out = {.ready = false};
    lua_pushvalue(L, index);
    if (lua_dump(L, write_part, &out, 1) != 0 || !out.ready) {
        r->failed = true;
    } else {
        luaL_pushresult(&out.buffer);
        size_t length;
        r->at = (const unsigned char *)lua_tolstring(L, -1, &length);
        r->end = r->at + length;
        take_header(r);
        take_function(r, 0);
        if (r->at != r->end) r->failed = true;
    }
    lua_settop(L, top);
}

// Whether the set of names holds `name` and nothing else, or nothing if there is no name.
static bool is_only(lua_State *L, int names, const char *name) {
    int count = 0;
    bool right = true;
    lua_pushnil(L);
    while (lua_next(L, names)) {
        lua_pop(L, 1);
        count += 1;
        right = right && name && strcmp(lua_tostring(L, -1), name) == 0;
    }
    return right && count == (name ? 1 : 0);
}

// Whether dumps say what this file takes them to say.
static bool understands_dumps(lua_State *L) {
    static const struct {
        const char *text, *name;
        bool any, number, outer;
    } probes[] = {
        {"local t, k = ... t.a = 1", "a", false, false, false},
        {"b = 1", "b", false, false, false},
        {"local t, k = ... t[k] = 1", NULL, true, false, false},
        {"local t, k = ... t[7] = 1", NULL, false, true, false},
        {"local t, k = ... k = t.c + t[8] + t[k] return function() k = d return {k, t:e()} end",
         NULL, false, false, true},
    };
    int top = lua_gettop(L);
    bool result = true;
    for (size_t i = 0; result && i < sizeof probes / sizeof *probes; i++) {
        lua_newtable(L);
        reading r = {.L = L, .names = top + 1};
        result = luaL_loadbufferx(L, probes[i].text, strlen(probes[i].text), "=probe", "t") ==
                 LUA_OK;
        if (result) read_function(&r, top + 2);
        result = result && !r.failed && r.any == probes[i].any && r.number == probes[i].number &&
                 r.outer == probes[i].outer && is_only(L, r.names, probes[i].name);
        lua_settop(L, top);
    }
    return result;
}

// Pushes the set of the names that functions in the list at `list` can assign to, and says whether
// they also assign to keys that they compute, to numbers, and to locals further out; false, and
// nothing is pushed, if that is not known.
bool lot_push_assigned(lua_State *L, int list, lot_assigned *also) {
    luaL_checkstack(L, 12, NULL);
    if (!understands_dumps(L)) return false;
    lua_newtable(L);
    reading r = {.L = L, .names = lua_gettop(L)};
    lua_Integer count = (lua_Integer)lua_rawlen(L, list);
    for (lua_Integer i = 1; i <= count && !r.failed; i++) {
        if (lua_rawgeti(L, list, i) == LUA_TFUNCTION && lot_is_own_function(L, r.names + 1))
            read_function(&r, r.names + 1);
        lua_settop(L, r.names);
    }
    *also = (lot_assigned){.computed = r.any, .by_number = r.number, .outer = r.outer};
    if (r.failed) lua_settop(L, r.names - 1);
    return !r.failed;
}

// Whether code names the field at `name` in an assignment; what else it could do says may_assign.
bool lot_is_assigned(lua_State *L, int name) {
    name = lua_absindex(L, name);
    bool result = false;
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_assigned) == LUA_TTABLE) {
        lua_pushvalue(L, name);
        result = lua_rawget(L, -2) != LUA_TNIL;
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return result;
}

#define _GNU_SOURCE
// Lua's patterns (manual, section 6.4.1) with a limit on the steps of one call.
//
// A pattern such as ".-.-.-.-x" takes exponential time on a text that does not match; no hook runs
// inside a C function, so the matcher counts its own steps, and looks at the time at each: a step
// may read a set of any length.
#include <ctype.h>
#include <string.h>

#include "internal.h"

#define MAX_CAPTURES 32
#define MAX_STEPS 2000000
#define MAX_DEPTH 200
#define CAPTURE_OPEN (-1)
#define CAPTURE_POSITION (-2)

typedef struct {
    lua_State *L;
    const char *text, *text_end, *pattern_end;
    long steps;
    int depth, captures;
    struct {
        const char *start;
        ptrdiff_t length;
    } capture[MAX_CAPTURES];
} matcher;

static const char *match_here(matcher *m, const char *s, const char *p);

static void step(matcher *m) {
    lot_heed_time(m->L);
    if (++m->steps > MAX_STEPS) lot_stop(m->L, LOT_PATTERN);
}

// MARK: Single characters

// Returns the end of the single-character class that starts at `p`.
static const char *class_end(matcher *m, const char *p) {
    if (p == m->pattern_end) lot_fail(m->L, "malformed pattern (missing ']')");
    if (*p == '%') {
        if (p + 1 == m->pattern_end) lot_fail(m->L, "malformed pattern (ends with '%%')");
        return p + 2;
    }
    if (*p != '[') return p + 1;
    p += 1;
    if (p < m->pattern_end && *p == '^') p += 1;
    bool first = true;
    for (;; first = false) {
        if (p >= m->pattern_end) lot_fail(m->L, "malformed pattern (missing ']')");
        if (*p == ']' && !first) return p + 1;
        if (*p == '%') {
            if (p + 1 >= m->pattern_end) lot_fail(m->L, "malformed pattern (missing ']')");
            p += 1;
        }
        p += 1;
    }
}

static bool in_class(int c, int letter) {
    bool result;
    switch (tolower(letter)) {
    case 'a': result = isalpha(c); break;
    case 'c': result = iscntrl(c); break;
    case 'd': result = isdigit(c); break;
    case 'g': result = isgraph(c); break;
    case 'l': result = islower(c); break;
    case 'p': result = ispunct(c); break;
    case 's': result = isspace(c); break;
    case 'u': result = isupper(c); break;
    case 'w': result = isalnum(c); break;
    case 'x': result = isxdigit(c); break;
    case 'z': result = c == 0; break;  // of older Lua, and still in 5.4
    default: return letter == c;
    }
    return isupper(letter) ? !result : result;
}

// Whether `c` is in the set `[...]` whose bracket is at `p` and whose closing bracket is at `last`.
static bool in_set(int c, const char *p, const char *last) {
    bool wanted = true;
    p += 1;
    if (*p == '^') {
        wanted = false;
        p += 1;
    }
    for (; p < last; p++) {
        unsigned char low = (unsigned char)*p;
        if (low == '%') {
            p += 1;
            if (in_class(c, (unsigned char)*p)) return wanted;
        } else if (p[1] == '-' && p + 2 < last) {
            if (low <= c && c <= (unsigned char)p[2]) return wanted;
            p += 2;
        } else if (low == c) {
            return wanted;
        }
    }
    return !wanted;
}

static bool single(matcher *m, const char *s, const char *p, const char *end) {
    if (s >= m->text_end) return false;
    step(m);
    int c = (unsigned char)*s;
    switch (*p) {
    case '.': return true;
    case '%': return in_class(c, (unsigned char)p[1]);
    case '[': return in_set(c, p, end - 1);
    default: return (unsigned char)*p == c;
    }
}

// MARK: Captures and special items

static const char *open_capture(matcher *m, const char *s, const char *p, ptrdiff_t kind) {
    if (m->captures == MAX_CAPTURES) lot_fail(m->L, "too many captures");
    m->capture[m->captures].start = s;
    m->capture[m->captures].length = kind;
    m->captures += 1;
    const char *result = match_here(m, s, p);
    if (!result) m->captures -= 1;
    return result;
}

static const char *close_capture(matcher *m, const char *s, const char *p) {
    int index = m->captures - 1;
    while (index >= 0 && m->capture[index].length != CAPTURE_OPEN) index -= 1;
    if (index < 0) lot_fail(m->L, "invalid pattern capture");
    m->capture[index].length = s - m->capture[index].start;
    const char *result = match_here(m, s, p);
    if (!result) m->capture[index].length = CAPTURE_OPEN;
    return result;
}

// `%bxy`: text that starts with x, ends with y, with as many x as y.
static const char *balanced(matcher *m, const char *s, const char *p) {
    if (p + 1 >= m->pattern_end)
        lot_fail(m->L, "malformed pattern (missing arguments to '%%b')");
    if (s >= m->text_end || *s != p[0]) return NULL;
    long open = 1;
    for (s += 1; s < m->text_end; s++) {
        step(m);
        if (*s == p[1]) {
            if (--open == 0) return s + 1;
        } else if (*s == p[0]) {
            open += 1;
        }
    }
    return NULL;
}

// `%1`: the text of an earlier capture again.
static const char *repeated(matcher *m, const char *s, int digit) {
    int index = digit - '1';
    if (index < 0 || index >= m->captures || m->capture[index].length == CAPTURE_OPEN)
        lot_fail(m->L, "invalid capture index %%%d", index + 1);
    ptrdiff_t length = m->capture[index].length;
    if (length == CAPTURE_POSITION) return NULL;
    m->steps += length;
    step(m);
    if (m->text_end - s < length || memcmp(m->capture[index].start, s, (size_t)length) != 0)
        return NULL;
    return s + length;
}

// `%f[set]`: the border between a character outside the set and one inside.
static bool at_frontier(matcher *m, const char *s, const char *p, const char *end) {
    if (p >= m->pattern_end || *p != '[')
        lot_fail(m->L, "missing '[' after '%%f' in pattern");
    int before = s == m->text ? 0 : (unsigned char)s[-1];
    int after = s == m->text_end ? 0 : (unsigned char)*s;
    return !in_set(before, p, end - 1) && in_set(after, p, end - 1);
}

// MARK: Repetition

static const char *longest(matcher *m, const char *s, const char *p, const char *end) {
    ptrdiff_t count = 0;
    while (single(m, s + count, p, end)) count += 1;
    for (; count >= 0; count--) {
        const char *result = match_here(m, s + count, end + 1);
        if (result) return result;
    }
    return NULL;
}

static const char *shortest(matcher *m, const char *s, const char *p, const char *end) {
    for (;; s++) {
        const char *result = match_here(m, s, end + 1);
        if (result) return result;
        if (!single(m, s, p, end)) return NULL;
    }
}

// One item that may match itself or nothing; returns false when the loop must go on at *s, *p.
static bool item(matcher *m, const char **s, const char **p, const char **result) {
    const char *end = class_end(m, *p);
    char suffix = end < m->pattern_end ? *end : 0;
    *result = NULL;
    switch (suffix) {
    case '*': *result = longest(m, *s, *p, end); return true;
    case '+': *result = single(m, *s, *p, end) ? longest(m, *s + 1, *p, end) : NULL; return true;
    case '-': *result = shortest(m, *s, *p, end); return true;
    case '?':
        if (single(m, *s, *p, end) && (*result = match_here(m, *s + 1, end + 1))) return true;
        *p = end + 1;
        return false;
    default:
        if (!single(m, *s, *p, end)) return true;
        *s += 1;
        *p = end;
        return false;
    }
}

// Special items that start with '%'. Returns 0 when it is an ordinary class, 1 when the loop goes
// on, 2 when the match failed.
static int special(matcher *m, const char **s, const char **p) {
    char letter = *p + 1 < m->pattern_end ? (*p)[1] : 0;
    if (letter == 'b') {
        *s = balanced(m, *s, *p + 2);
        *p += 4;
        return *s ? 1 : 2;
    }
    if (letter == 'f') {
        const char *set = *p + 2;
        const char *end = set < m->pattern_end && *set == '[' ? class_end(m, set) : set;
        if (!at_frontier(m, *s, set, end)) return 2;
        *p = end;
        return 1;
    }
    if (isdigit((unsigned char)letter)) {
        *s = repeated(m, *s, letter);
        *p += 2;
        return *s ? 1 : 2;
    }
    return 0;
}

static const char *match_items(matcher *m, const char *s, const char *p) {
    while (p != m->pattern_end) {
        step(m);
        if (*p == '(')
            return p + 1 < m->pattern_end && p[1] == ')'
                       ? open_capture(m, s, p + 2, CAPTURE_POSITION)
                       : open_capture(m, s, p + 1, CAPTURE_OPEN);
        if (*p == ')') return close_capture(m, s, p + 1);
        if (*p == '$' && p + 1 == m->pattern_end) return s == m->text_end ? s : NULL;
        if (*p == '%') {
            int outcome = special(m, &s, &p);
            if (outcome == 2) return NULL;
            if (outcome == 1) continue;
        }
        const char *result;
        if (item(m, &s, &p, &result)) return result;
    }
    return s;
}

// Returns the end of the match of pattern `p` at `s`, or NULL.
static const char *match_here(matcher *m, const char *s, const char *p) {
    if (++m->depth > MAX_DEPTH) lot_fail(m->L, "pattern too complex");
    const char *result = match_items(m, s, p);
    m->depth -= 1;
    return result;
}

// MARK: What scripts call

static void prepare(matcher *m, lua_State *L, const char *text, size_t text_length,
                    const char *pattern, size_t pattern_length) {
    m->L = L;
    m->text = text;
    m->text_end = text + text_length;
    m->pattern_end = pattern + pattern_length;
    m->steps = 0;
    m->depth = m->captures = 0;
}

static void push_capture(matcher *m, int index, const char *start, const char *end) {
    if (index >= m->captures) {
        if (index > 0) lot_fail(m->L, "invalid capture index %%%d", index + 1);
        lua_pushlstring(m->L, start, (size_t)(end - start));
        return;
    }
    ptrdiff_t length = m->capture[index].length;
    if (length == CAPTURE_OPEN) lot_fail(m->L, "unfinished capture");
    if (length == CAPTURE_POSITION)
        lua_pushinteger(m->L, m->capture[index].start - m->text + 1);
    else
        lua_pushlstring(m->L, m->capture[index].start, (size_t)length);
}

// Pushes every capture; the whole match if there is none and `start` is given.
static int push_captures(matcher *m, const char *start, const char *end) {
    int count = m->captures == 0 && start ? 1 : m->captures;
    luaL_checkstack(m->L, count, "too many captures");
    for (int i = 0; i < count; i++) push_capture(m, i, start, end);
    return count;
}

static size_t start_position(lua_Integer position, size_t length) {
    if (position > 0) return (size_t)position - 1;
    if (position == 0) return 0;
    if (position < -(lua_Integer)length) return 0;
    return length - (size_t)(-position);
}

static bool is_plain(const char *pattern, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (strchr("^$*+?.([%-", pattern[i]) && pattern[i]) return false;
    return true;
}

static int find_or_match(lua_State *L, bool find) {
    size_t length, pattern_length;
    const char *text = luaL_checklstring(L, 1, &length);
    const char *p = luaL_checklstring(L, 2, &pattern_length);
    size_t start = start_position(luaL_optinteger(L, 3, 1), length);
    if (start > length) {
        lua_pushnil(L);
        return 1;
    }
    if (find && (lua_toboolean(L, 4) || is_plain(p, pattern_length))) {
        const char *found = pattern_length == 0
                                ? text + start
                                : memmem(text + start, length - start, p, pattern_length);
        if (!found) {
            lua_pushnil(L);
            return 1;
        }
        lua_pushinteger(L, found - text + 1);
        lua_pushinteger(L, found - text + (lua_Integer)pattern_length);
        return 2;
    }
    matcher m;
    prepare(&m, L, text, length, p, pattern_length);
    bool anchored = pattern_length > 0 && *p == '^';
    for (const char *s = text + start;; s++) {
        m.captures = m.depth = 0;
        const char *end = match_here(&m, s, p + anchored);
        if (end) {
            if (!find) return push_captures(&m, s, end);
            lua_pushinteger(L, s - text + 1);
            lua_pushinteger(L, end - text);
            return push_captures(&m, NULL, NULL) + 2;
        }
        if (anchored || s == m.text_end) break;
    }
    lua_pushnil(L);
    return 1;
}

int lot_string_find(lua_State *L) { return find_or_match(L, true); }
int lot_string_match(lua_State *L) { return find_or_match(L, false); }

// Upvalues: text, pattern, offset of the next try, offset where the last match ended (-1: none).
static int gmatch_step(lua_State *L) {
    size_t length, pattern_length;
    const char *text = lua_tolstring(L, lua_upvalueindex(1), &length);
    const char *p = lua_tolstring(L, lua_upvalueindex(2), &pattern_length);
    lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
    matcher m;
    prepare(&m, L, text, length, p, pattern_length);
    for (const char *s = text + lua_tointeger(L, lua_upvalueindex(3)); s <= m.text_end; s++) {
        m.captures = m.depth = 0;
        const char *end = match_here(&m, s, p);
        if (!end || end - text == last) continue;
        lua_pushinteger(L, end - text);
        lua_pushvalue(L, -1);
        lua_replace(L, lua_upvalueindex(3));
        lua_replace(L, lua_upvalueindex(4));
        return push_captures(&m, s, end);
    }
    return 0;
}

bool lot_is_gmatch_iterator(lua_State *L, int index) {
    return lua_tocfunction(L, index) == gmatch_step;
}

int lot_string_gmatch(lua_State *L) {
    size_t length;
    luaL_checklstring(L, 1, &length);
    luaL_checkstring(L, 2);
    size_t start = start_position(luaL_optinteger(L, 3, 1), length);
    lua_settop(L, 2);
    lua_pushinteger(L, (lua_Integer)(start > length ? length + 1 : start));
    lua_pushinteger(L, -1);
    lua_pushcclosure(L, gmatch_step, 4);
    return 1;
}

static void add_template(matcher *m, luaL_Buffer *out, const char *start, const char *end) {
    size_t length;
    const char *text = lua_tolstring(m->L, 3, &length);
    for (size_t i = 0; i < length; i++) {
        if (text[i] != '%') {
            luaL_addchar(out, text[i]);
            continue;
        }
        i += 1;
        if (i < length && text[i] == '%') {
            luaL_addchar(out, '%');
        } else if (i < length && text[i] == '0') {
            luaL_addlstring(out, start, (size_t)(end - start));
        } else if (i < length && isdigit((unsigned char)text[i])) {
            push_capture(m, text[i] - '1', start, end);
            luaL_tolstring(m->L, -1, NULL);
            lua_remove(m->L, -2);
            luaL_addvalue(out);
        } else {
            lot_fail(m->L, "invalid use of '%%' in replacement string");
        }
    }
}

// Adds the replacement of one match; `kind` is the type of gsub's third argument.
static void add_replacement(
    matcher *m, luaL_Buffer *out, const char *start, const char *end, int kind) {
    lua_State *L = m->L;
    if (kind == LUA_TFUNCTION) {
        lua_pushvalue(L, 3);
        lua_call(L, push_captures(m, start, end), 1);
    } else if (kind == LUA_TTABLE) {
        push_capture(m, 0, start, end);
        lua_gettable(L, 3);
    } else {
        add_template(m, out, start, end);
        return;
    }
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        luaL_addlstring(out, start, (size_t)(end - start));
    } else if (!lua_isstring(L, -1)) {
        lot_fail(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    } else {
        luaL_addvalue(out);
    }
}

int lot_string_gsub(lua_State *L) {
    size_t length, pattern_length;
    const char *text = luaL_checklstring(L, 1, &length);
    const char *p = luaL_checklstring(L, 2, &pattern_length);
    int kind = lua_type(L, 3);
    luaL_argexpected(
        L,
        kind == LUA_TNUMBER || kind == LUA_TSTRING || kind == LUA_TFUNCTION ||
            kind == LUA_TTABLE,
        3, "string/function/table");
    lua_Integer limit = luaL_optinteger(L, 4, (lua_Integer)length + 1);
    if (kind == LUA_TNUMBER) lua_tolstring(L, 3, NULL);
    bool anchored = pattern_length > 0 && *p == '^';
    matcher m;
    prepare(&m, L, text, length, p, pattern_length);
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    lua_Integer count = 0;
    const char *s = text, *last = NULL;
    while (count < limit) {
        lot_heed_time(L);
        m.captures = m.depth = 0;
        const char *end = match_here(&m, s, p + anchored);
        if (end && end != last) {
            count += 1;
            add_replacement(&m, &out, s, end, kind);
            s = last = end;
        } else if (s < m.text_end) {
            luaL_addchar(&out, *s++);
        } else {
            break;
        }
        if (anchored) break;
    }
    luaL_addlstring(&out, s, (size_t)(m.text_end - s));
    luaL_pushresult(&out);
    lua_pushinteger(L, count);
    return 2;
}

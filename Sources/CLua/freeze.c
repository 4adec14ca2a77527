// Read-only tables. A frozen table is an empty view of a shadow that holds its contents, so that
// every assignment goes through `__newindex`; reading stays a table look-up.
#include <string.h>

#include "internal.h"

// Whether the table's metatable has a mark; pushes the mark's value if so.
static bool marked(lua_State *L, int index, const void *key) {
    if (!lua_istable(L, index) || !lua_getmetatable(L, index)) return false;
    if (lua_rawgetp(L, -1, key) != LUA_TNIL) {
        lua_remove(L, -2);
        return true;
    }
    lua_pop(L, 2);
    return false;
}

bool lot_is_frozen(lua_State *L, int index) {
    bool result = marked(L, index, &lot_key_frozen);
    if (result) lua_pop(L, 1);
    return result;
}

bool lot_is_host(lua_State *L, int index) {
    bool result = marked(L, index, &lot_key_host);
    if (result) lua_pop(L, 1);
    return result;
}

// Pushes the table that holds the contents: the shadow of a frozen table, what is behind a view of
// the host's, what a series or a bar makes of itself (which raises, for a series), else the table.
bool lot_push_target(lua_State *L, int index) {
    index = lua_absindex(L, index);
    if (marked(L, index, &lot_key_frozen) || marked(L, index, &lot_key_view)) return true;
    lua_pushvalue(L, index);
    if (!marked(L, index, &lot_key_contents)) return false;
    lua_insert(L, -2);
    lua_call(L, 1, 1);
    return true;
}

// The raw length of what the table holds. That of a frozen table was found when it was frozen: of
// one with holes Lua may find another after each read, which would tell who has read it.
lua_Integer lot_raw_length(lua_State *L, int index) {
    lua_Integer length;
    if (marked(L, index, &lot_key_length)) {
        length = lua_tointeger(L, -1);
    } else {
        lot_push_target(L, index);
        length = (lua_Integer)lua_rawlen(L, -1);
    }
    lua_pop(L, 1);
    return length;
}

static int refuse_write(lua_State *L) {
    const char *text = lua_tostring(L, lua_upvalueindex(1));
    if (lua_type(L, 2) == LUA_TSTRING) lot_fail(L, "\"%s\" cannot be set: %s", lua_tostring(L, 2),
        text);
    lot_fail(L, "this table cannot be changed: %s", text);
}

// Pushes the table if a script may change it, else raises.
void lot_push_writable(lua_State *L, int index) {
    index = lua_absindex(L, index);
    if (lot_is_frozen(L, index) || lot_is_host(L, index)) lot_fail(L, "this table is read-only");
    lua_pushvalue(L, index);
}

static int frozen_length(lua_State *L) {
    lua_pushvalue(L, lua_upvalueindex(1));
    return 1;
}

// Raises if the table at `index` has what a metatable may not have. It is checked when it becomes
// a metatable, and when it is copied: a script can set a field of it later.
void lot_check_metatable(lua_State *L, int index) {
    static const char *const refused[] = {"__gc", "__mode"};
    index = lua_absindex(L, index);
    for (int i = 0; i < 2; i++) {
        lua_pushstring(L, refused[i]);
        if (lua_rawget(L, index) != LUA_TNIL)
            lot_fail(L, "\"%s\" is not available to strategies", refused[i]);
        lua_pop(L, 1);
    }
}

// Copies the metatable's own fields, so that operators of a frozen table keep working.
static void copy_metatable(lua_State *L, int from, int to) {
    lot_check_metatable(L, from);
    lua_pushnil(L);
    while (lua_next(L, from)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, to);
    }
}

// Freezes the table at `index`; `reason` ends the message of a refused assignment.
static void freeze(lua_State *L, int index, const char *reason) {
    index = lua_absindex(L, index);
    if (lot_is_frozen(L, index) || lot_is_host(L, index)) return;
    luaL_checkstack(L, 12, NULL);
    int top = lua_gettop(L);
    lua_Integer length = (lua_Integer)lua_rawlen(L, index);
    lua_newtable(L);  // top + 1: the shadow
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, top + 1);
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_pushnil(L);
        lua_rawset(L, index);
    }
    lua_newtable(L);  // top + 2: the new metatable
    if (lua_getmetatable(L, index)) {
        // The shadow gets a copy too. Metamethods are looked up raw, so a frozen metatable would
        // have none; if it is frozen already, they are those behind it.
        lot_push_target(L, top + 3);  // top + 4
        copy_metatable(L, top + 4, top + 2);
        lua_newtable(L);
        copy_metatable(L, top + 4, top + 5);
        lua_setmetatable(L, top + 1);
    }
    lua_settop(L, top + 2);
    lua_pushvalue(L, top + 1);
    lua_setfield(L, top + 2, "__index");
    lua_pushvalue(L, top + 1);
    lua_rawsetp(L, top + 2, &lot_key_frozen);
    lua_pushstring(L, reason);
    lua_pushcclosure(L, refuse_write, 1);
    lua_setfield(L, top + 2, "__newindex");
    lua_pushinteger(L, length);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, top + 2, &lot_key_length);
    lua_pushcclosure(L, frozen_length, 1);
    lua_setfield(L, top + 2, "__len");
    lua_pushboolean(L, 0);
    lua_setfield(L, top + 2, "__metatable");
    lua_setmetatable(L, index);
    lua_settop(L, top);
}

// Pushes what may serve as a metatable in place of a frozen table: a plain copy, made once, whose
// `__metatable` is the frozen table, so that scripts cannot reach the copy.
void lot_push_metatable(lua_State *L, int index) {
    index = lua_absindex(L, index);
    if (!lot_is_frozen(L, index)) {
        lua_pushvalue(L, index);
        return;
    }
    int top = lua_gettop(L);
    lua_getmetatable(L, index);  // top + 1
    if (lua_rawgetp(L, top + 1, &lot_key_copy) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);  // top + 2
        lot_push_target(L, index);
        copy_metatable(L, top + 3, top + 2);
        lua_pop(L, 1);
        lua_pushvalue(L, index);
        lua_setfield(L, top + 2, "__metatable");
        lua_pushvalue(L, top + 2);
        lua_rawsetp(L, top + 1, &lot_key_copy);
    }
    lua_remove(L, top + 1);
}

// host.readonly(table, reason): freezes one table.
int lot_readonly(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    freeze(L, 1, luaL_checkstring(L, 2));
    lua_settop(L, 1);
    return 1;
}

// MARK: Everything a script can reach

static const char *const after_init =
    "after on_init the strategy's own tables, globals and locals are read-only; "
    "keep what changes in ctx.state";

// Stack: 1 visited, 2 queue, 3 watched upvalues. Queues the value on top of the stack, pops it.
static void queue(lua_State *L) {
    int type = lua_type(L, -1);
    if (type == LUA_TTABLE || type == LUA_TFUNCTION) {
        lua_pushvalue(L, -1);
        if (lua_rawget(L, 1) == LUA_TNIL) {
            lua_pop(L, 1);
            lua_pushvalue(L, -1);
            lua_pushboolean(L, 1);
            lua_rawset(L, 1);
            lua_pushvalue(L, -1);
            lua_rawseti(L, 2, (lua_Integer)lua_rawlen(L, 2) + 1);
        } else {
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
}

static void walk_table(lua_State *L, int index) {
    if (lot_is_host(L, index)) return;
    if (!lot_is_frozen(L, index) && lua_getmetatable(L, index)) queue(L);
    freeze(L, index, after_init);
    lot_push_target(L, index);
    int target = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, target)) {
        queue(L);
        lua_pushvalue(L, -1);
        queue(L);
    }
    lua_pop(L, 1);
}

// Whether the function at `index` is the script's, not the host's.
bool lot_is_own_function(lua_State *L, int index) {
    if (lua_iscfunction(L, index)) return false;
    lua_Debug record;
    lua_pushvalue(L, index);
    lua_getinfo(L, ">S", &record);
    return record.source[0] == '@' || strcmp(record.source, "=load") == 0;
}

static void walk_function(lua_State *L, int index) {
    // An iterator counts, and what it goes over would stay as it is: a place to keep state, and
    // functions whose code nobody has read.
    if (lot_is_pairs_iterator(L, index) || lot_is_gmatch_iterator(L, index))
        lot_fail(
            L, "an iterator of pairs or gmatch is kept after on_init; keep the table or the text, "
               "and what changes in ctx.state");
    if (!lot_is_own_function(L, index)) return;
    for (int n = 1; lua_getupvalue(L, index, n); n++) {
        lua_Integer count = (lua_Integer)lua_rawlen(L, 3);
        lua_pushvalue(L, index);
        lua_rawseti(L, 3, count + 1);
        lua_pushinteger(L, n);
        lua_rawseti(L, 3, count + 2);
        // nil would leave a hole in the list: the visited table stands for it.
        lua_pushvalue(L, lua_isnil(L, -1) ? 1 : -1);
        lua_rawseti(L, 3, count + 3);
        queue(L);
    }
}

// host.freeze(root, ..., ctx.state): freezes what the roots reach, except the last argument, and
// remembers every upvalue. The state is kept for checks. Returns the list of what they reach.
int lot_freeze_all(lua_State *L) {
    int roots = lua_gettop(L) - 1;
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lot_key_state);
    lua_newtable(L);
    lua_insert(L, 1);
    lua_newtable(L);
    lua_insert(L, 2);
    lua_newtable(L);
    lua_insert(L, 3);
    lua_pushboolean(L, 1);
    lua_rawset(L, 1);  // the state counts as visited
    for (int i = 0; i < roots; i++) {
        lua_pushvalue(L, 4 + i);
        queue(L);
    }
    // What the script's files returned, which "require" gives at any time.
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_loaded);
    int loaded = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, loaded)) queue(L);
    lua_pop(L, 1);
    for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, 2); i++) {
        lot_heed_time(L);
        lua_rawgeti(L, 2, i);
        int index = lua_gettop(L);
        if (lua_istable(L, index)) walk_table(L, index);
        else walk_function(L, index);
        lua_settop(L, index - 1);
    }
    lua_pushvalue(L, 1);
    lua_rawseti(L, 3, 0);
    lua_pushvalue(L, 3);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lot_key_watch);
    lot_of(L)->may_require = false;
    lua_pushvalue(L, 2);
    return 1;
}

// Stack: 1 visited, 2 queue, 3 and 4 what is looked for. Whether the value on top leads to one of
// them through tables, metatables and upvalues of the script's functions; pops it.
static bool leads_there(lua_State *L) {
    int first = (int)lua_rawlen(L, 2) + 1;
    bool found = lua_rawequal(L, -1, 3) || lua_rawequal(L, -1, 4);
    queue(L);
    for (lua_Integer i = first; !found && i <= (lua_Integer)lua_rawlen(L, 2); i++) {
        lot_heed_time(L);
        lua_rawgeti(L, 2, i);
        int index = lua_gettop(L);
        found = lua_rawequal(L, index, 3) || lua_rawequal(L, index, 4);
        if (found || lot_is_host(L, index)) {
            lua_settop(L, index - 1);
            continue;
        }
        if (lua_istable(L, index)) {
            if (!lot_is_frozen(L, index) && lua_getmetatable(L, index)) queue(L);
            lot_push_target(L, index);
            lua_pushnil(L);
            while (lua_next(L, index + 1)) {
                queue(L);
                lua_pushvalue(L, -1);
                queue(L);
            }
        } else if (lot_is_own_function(L, index)) {
            for (int n = 1; lua_getupvalue(L, index, n); n++) queue(L);
        }
        lua_settop(L, index - 1);
    }
    return found;
}

// host.captures(function, a, b): the name of a local of the function that leads to a or b, or nil.
int lot_captures(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 3);
    lua_newtable(L);
    lua_insert(L, 1);
    lua_newtable(L);
    lua_insert(L, 2);
    lua_insert(L, 3);  // visited, queue, b, function, a
    lua_insert(L, 3);  // visited, queue, a, b, function
    const char *name;
    for (int n = 1; (name = lua_getupvalue(L, 5, n)); n++) {
        if (!leads_there(L)) continue;
        lua_pushstring(L, name);
        return 1;
    }
    return 0;
}

// Whether nobody can tell the two values apart: 0.0 and -0.0 are equal, and so are 1 and 1.0, but
// a script that changed one into the other would have kept something.
static bool same(lua_State *L, int a, int b) {
    if (lua_type(L, a) != LUA_TNUMBER || lua_type(L, b) != LUA_TNUMBER)
        return lua_rawequal(L, a, b);
    if (lua_isinteger(L, a) || lua_isinteger(L, b))
        return lua_isinteger(L, a) && lua_isinteger(L, b) && lua_rawequal(L, a, b);
    lua_Number first = lua_tonumber(L, a), second = lua_tonumber(L, b);
    return memcmp(&first, &second, sizeof first) == 0;
}

// Raises if a local that functions share has changed since on_init.
int lot_check_frozen(lua_State *L) {
    lua_settop(L, 0);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_watch) != LUA_TTABLE) return 0;
    lua_rawgeti(L, 1, 0);
    lua_Integer count = (lua_Integer)lua_rawlen(L, 1);
    for (lua_Integer i = 1; i + 2 <= count; i += 3) {
        lua_rawgeti(L, 1, i);
        lua_rawgeti(L, 1, i + 1);
        int n = (int)lua_tointeger(L, -1);
        lua_rawgeti(L, 1, i + 2);
        const char *name = lua_getupvalue(L, 3, n);
        bool was_nil = lua_rawequal(L, 5, 2);
        if (was_nil ? !lua_isnil(L, 6) : !same(L, 5, 6)) {
            lua_Debug record;
            lua_pushvalue(L, 3);
            lua_getinfo(L, ">S", &record);
            // Without the place that luaL_error puts before it: this has one.
            lua_pushfstring(
                L, "%s:%d: the local \"%s\" was changed by a callback: %s", record.source + 1,
                record.linedefined, name, after_init);
            return lua_error(L);
        }
        lua_settop(L, 2);
    }
    return 0;
}

// MARK: ctx.state

// The way to a value, outermost last; the outermost is the table that is checked.
typedef struct state_path {
    const char *name;
    long long number;
    int function;  // of the outermost: whose line messages give, 0 if nobody's
    const struct state_path *parent;
} state_path;

static void push_path(lua_State *L, const state_path *path) {
    luaL_checkstack(L, 8, NULL);
    if (!path->parent) {
        lua_Debug record;
        if (path->function && lot_is_own_function(L, path->function)) {
            lua_pushvalue(L, path->function);
            lua_getinfo(L, ">S", &record);
            lua_pushfstring(L, "%s:%d: %s", record.source + 1, record.linedefined, path->name);
        } else {
            lua_pushstring(L, path->name);
        }
        return;
    }
    push_path(L, path->parent);
    if (path->name) lua_pushfstring(L, ".%s", path->name);
    else lua_pushfstring(L, "[%I]", (LUAI_UACINT)path->number);
    lua_concat(L, 2);
}

// Raises unless the value at the top of the stack can be stored.
static void check_storable(lua_State *L, const state_path *path, int depth) {
    int index = lua_gettop(L);
    int type = lua_type(L, index);
    if (type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TBOOLEAN) return;
    bool has_meta = lua_getmetatable(L, index);
    if (type != LUA_TTABLE || has_meta) {
        push_path(L, path);
        lot_safe_tostring(L, index);
        lot_fail(
            L, "%s holds a %s, which cannot be stored: numbers, strings, booleans and plain "
               "tables only", lua_tostring(L, -2), lua_tostring(L, -1));
    }
    if (depth > 16) {
        push_path(L, path);
        lot_fail(L, "%s is nested deeper than 16 tables", lua_tostring(L, -1));
    }
    luaL_checkstack(L, 8, NULL);
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lot_heed_time(L);  // a table may lie in many places: each is walked
        state_path here = {.parent = path};
        if (lua_type(L, -2) == LUA_TSTRING) {
            here.name = lua_tostring(L, -2);
        } else if (lua_isinteger(L, -2)) {
            here.number = lua_tointeger(L, -2);
        } else if (lua_isboolean(L, -2)) {
            here.name = lua_toboolean(L, -2) ? "true" : "false";
        } else {
            push_path(L, path);
            lot_fail(
                L, "%s has a %s as a key, which cannot be stored: whole numbers, strings and "
                   "booleans only", lua_tostring(L, -1), luaL_typename(L, -3));
        }
        if (lua_type(L, -1) != LUA_TNUMBER) check_storable(L, &here, depth + 1);
        lua_pop(L, 1);
    }
}

// Raises unless the table on top of the stack holds only what can be stored; pops it. `function`
// is where the function lies that filled it.
void lot_check_storable(lua_State *L, int function, const char *name) {
    state_path root = {.name = name, .function = function};
    check_storable(L, &root, 0);
    lua_pop(L, 1);
}

// host.check_state(function): raises unless ctx.state holds only what can be stored; `function` is
// the callback that was called last, if there was one.
int lot_check_state(lua_State *L) {
    lua_settop(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_state);
    lot_check_storable(L, lua_isfunction(L, 1) ? 1 : 0, "ctx.state");
    return 0;
}

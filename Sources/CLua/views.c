// Read-only tables whose fields are read without a detour.
//
// A read-only table is an empty view: every read asks its metatable, every assignment goes through
// `__newindex` and is refused. An assignment to a field that is there would not, so a view holds
// nothing, except where the code of the script has no instruction that could assign to a field of
// that name (assigned.c). Then it holds the field, and a read is one look-up. What functions of
// the host do to tables goes through lot_push_writable and lot_push_target, which do not look at
// what a view holds.
#include "internal.h"

// Copies the fields that no code assigns to from the table at `hidden` into the view.
static void open_view(lua_State *L, int view, int hidden, int assigned) {
    luaL_checkstack(L, 8, NULL);
    lua_pushnil(L);
    while (lua_next(L, hidden)) {
        if (lua_type(L, -2) == LUA_TSTRING) {
            lua_pushvalue(L, -2);
            bool is_assigned = lua_rawget(L, assigned) != LUA_TNIL;
            lua_pop(L, 1);
            if (!is_assigned) {
                lua_pushvalue(L, -2);
                lua_pushvalue(L, -2);
                lua_rawset(L, view);
            }
        }
        lua_pop(L, 1);
    }
}

static void remember_view(lua_State *L, int list, int view) {
    lua_pushvalue(L, view);
    lua_rawseti(L, list, (lua_Integer)lua_rawlen(L, list) + 1);
}

// Opens the frozen tables of the list at `list`, whose functions are all that can run from now on.
void lot_open_views(lua_State *L, int list) {
    int top = lua_gettop(L);
    lot_lua *state = lot_of(L);
    lot_assigned also;
    state->may_assign = true;
    state->may_change_locals = true;
    if (!lot_push_assigned(L, list, &also)) return;  // top + 1
    state->may_assign = also.computed || also.by_number;
    state->may_change_locals = also.outer;
    lua_pushvalue(L, top + 1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lot_key_assigned);
    if (also.computed) {
        lua_settop(L, top);
        return;
    }
    lua_newtable(L);  // top + 2
    lua_pushvalue(L, top + 2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lot_key_open);
    lua_Integer count = (lua_Integer)lua_rawlen(L, list);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, list, i);  // top + 3
        if (lot_is_frozen(L, top + 3)) {
            lot_push_target(L, top + 3);
            remember_view(L, top + 2, top + 3);
            open_view(L, top + 3, top + 4, top + 1);
        }
        lua_settop(L, top + 2);
    }
    lua_settop(L, top);
}

// host.open(view, hidden): opens a view of the host's, after host.freeze.
int lot_open_view(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    // What walks the view walks what is behind it, open or not.
    lua_getmetatable(L, 1);
    lua_pushvalue(L, 2);
    lua_rawsetp(L, 3, &lot_key_view);
    lua_settop(L, 2);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_assigned);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_open) != LUA_TTABLE) return 0;
    remember_view(L, 4, 1);
    open_view(L, 1, 2, 3);
    return 0;
}

// Empties all views, before code is made that could assign to any field. Allocates nothing.
void lot_close_views(lua_State *L) {
    int top = lua_gettop(L);
    luaL_checkstack(L, 8, NULL);
    lot_of(L)->may_assign = true;
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_open) == LUA_TTABLE) {
        lua_Integer count = (lua_Integer)lua_rawlen(L, top + 1);
        for (lua_Integer i = 1; i <= count; i++) {
            lua_rawgeti(L, top + 1, i);
            lua_pushnil(L);
            while (lua_next(L, top + 2)) {
                lua_pop(L, 1);
                lua_pushvalue(L, -1);
                lua_pushnil(L);
                lua_rawset(L, top + 2);
            }
            lua_settop(L, top + 1);
        }
        lua_pushnil(L);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &lot_key_open);
        lua_pushnil(L);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &lot_key_assigned);
    }
    lua_settop(L, top);
}

// MARK: The position

// host.position(fields, view): the table that the host keeps up to date, and its view.
int lot_position_new(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lot_key_position_view);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lot_key_position);
    return 0;
}

// Stack: 1 the position, 2 its view. Sets a field of both, of the view if it is open, to the value
// on top, and pops it.
static void set_field(lua_State *L, const char *name) {
    int value = lua_gettop(L);
    lua_pushstring(L, name);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, 2) != LUA_TNIL) {
        lua_pushvalue(L, value + 1);
        lua_pushvalue(L, value);
        lua_rawset(L, 2);
    }
    lua_settop(L, value + 1);
    lua_pushvalue(L, value);
    lua_rawset(L, 1);
    lua_settop(L, value - 1);
}

// Writes the position of the account into what scripts read.
int lot_write_position(lua_State *L) {
    const lot_account *account = &lot_of(L)->account;
    lua_settop(L, 0);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_position) != LUA_TTABLE) return 0;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_position_view);
    lua_pushboolean(L, account->position == 0);
    set_field(L, "flat");
    lua_pushboolean(L, account->position > 0);
    set_field(L, "long");
    lua_pushboolean(L, account->position < 0);
    set_field(L, "short");
    lua_pushnumber(L, account->position);
    set_field(L, "size");
    lua_pushnumber(L, account->entry_price);
    set_field(L, "entry_price");
    return 0;
}

// What scripts read: series, the bar, the position, the account.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static const char *const field_names[] = {"open",   "high", "low",      "close",
                                          "volume", "time", "open_time"};

// MARK: Series

// host.series(node, is_condition): a new series object.
int lot_series_new(lua_State *L) {
    lua_Integer node = luaL_checkinteger(L, 1);
    bool condition = lua_toboolean(L, 2);
    lot_begin_table(lot_of(L));
    lua_createtable(L, 1, 3);
    lot_end_table(L, lot_of(L), -1);
    lua_pushinteger(L, node);
    lua_rawsetp(L, -2, &lot_key_node);
    if (condition) {
        lua_pushboolean(L, 1);
        lua_rawsetp(L, -2, &lot_key_condition);
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_series_meta);
    lua_setmetatable(L, -2);
    return 1;
}

static int node_of(lua_State *L, int index) {
    if (lua_type(L, index) != LUA_TTABLE) return -1;
    int node = lua_rawgetp(L, index, &lot_key_node) == LUA_TNUMBER ? (int)lua_tointeger(L, -1) : -1;
    lua_pop(L, 1);
    return node;
}

static bool condition_of(lua_State *L, int index) {
    bool result = lua_rawgetp(L, index, &lot_key_condition) == LUA_TBOOLEAN;
    lua_pop(L, 1);
    return result;
}

// host.node(value): its node and whether it is a condition, or nil if it is no series.
int lot_series_node(lua_State *L) {
    int node = node_of(L, 1);
    if (node < 0) return 0;
    lua_pushinteger(L, node);
    lua_pushboolean(L, condition_of(L, 1));
    return 2;
}

static int bad_index(lua_State *L) {
    lot_safe_tostring(L, 2);
    lot_fail(
        L, "series[%s]: an index is a whole number from 0 (the newest closed bar) to 4999",
        lua_tostring(L, -1));
}

// `series[i]`, and the methods of series.
int lot_series_index(lua_State *L) {
    if (lua_type(L, 2) != LUA_TNUMBER) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_series_methods);
        lua_insert(L, 2);
        lua_gettable(L, 2);
        return 1;
    }
    lot_lua *state = lot_of(L);
    lot_refuse_in_define(L, "a series");
    int exact = 0;
    lua_Integer offset = lua_tointegerx(L, 2, &exact);
    const void *table = lua_topointer(L, 1);
    if (exact && lot_read_slot(L, state, table, offset)) return 1;
    if (!exact || offset < 0 || offset >= LOT_MAX_HISTORY) return bad_index(L);
    if (state->in_rules)
        lot_fail(
            L, "series[%I] inside rules: rules are made of whole series; write "
               "series:shift(%I)", (LUAI_UACINT)offset, (LUAI_UACINT)offset);
    lot_slot slot = {
        .table = table, .offset = (int)offset, .node = node_of(L, 1),
        .condition = condition_of(L, 1)};
    lot_add_slot(L, state, slot, 1);
    lot_push_series(L, state, &slot);
    return 1;
}

static int refuse_assignment(lua_State *L) {
    lot_fail(L, "a %s is read-only", lua_tostring(L, lua_upvalueindex(1)));
}

// Raw reads would tell which values lie in the table now, and those of the last bar.
static int refuse_raw_read(lua_State *L) {
    lot_fail(L, "a series is read as series[i], from 0, the newest closed bar");
}

// The metatable of tables of the host; `contents`, if there is one, gives what raw reads see.
static void push_host_meta(
    lua_State *L, const char *name, lua_CFunction index, lua_CFunction contents) {
    lua_newtable(L);
    lua_pushboolean(L, 1);
    lua_rawsetp(L, -2, &lot_key_host);
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pushstring(L, name);
    lua_pushcclosure(L, refuse_assignment, 1);
    lua_setfield(L, -2, "__newindex");
    lua_pushcfunction(L, index);
    lua_setfield(L, -2, "__index");
    if (!contents) return;
    lua_pushcfunction(L, contents);
    lua_rawsetp(L, -2, &lot_key_contents);
}

// host.series_meta(methods): makes the metatable of all series and returns it.
int lot_series_meta(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_pushvalue(L, 1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lot_key_series_methods);
    push_host_meta(L, "series", lot_series_index, refuse_raw_read);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lot_key_series_meta);
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lot_key_slots);
    return 1;
}

// MARK: The bar

static int missing_bar_field(lua_State *L) {
    lot_safe_tostring(L, 2);
    lot_fail(
        L, "bar has no \"%s\"; it has open, high, low, close, volume, time and open_time",
        lua_tostring(L, -1));
}

// Pushes a bar whose seven fields are there to be set.
int lot_push_bar(lua_State *L) {
    lua_createtable(L, 0, LOT_FIELD_COUNT);
    for (int field = 0; field < LOT_FIELD_COUNT; field++) {
        lua_pushnumber(L, NAN);
        lua_setfield(L, -2, field_names[field]);
    }
    push_host_meta(L, "bar", missing_bar_field, NULL);
    lua_setmetatable(L, -2);
    return 1;
}

static int bar_index(lua_State *L) {
    lot_lua *state = lot_of(L);
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2);
    for (int field = 0; field < LOT_FIELD_COUNT; field++) {
        if (strcmp(name, field_names[field]) != 0) continue;
        const void *table = lua_topointer(L, 1);
        if (lot_read_slot(L, state, table, field)) return 1;
        lot_add_slot(L, state, (lot_slot){.table = table, .offset = field, .node = -1}, 2);
        lot_push_field(L, state, field);
        return 1;
    }
    lot_fail(
        L, "bar has no \"%s\"; it has open, high, low, close, volume, time and open_time", name);
}

// All fields of the bar as a plain table, whichever of them lie in its own.
static int bar_contents(lua_State *L) {
    lua_createtable(L, 0, LOT_FIELD_COUNT);
    for (int field = 0; field < LOT_FIELD_COUNT; field++) {
        lot_push_field(L, lot_of(L), field);
        lua_setfield(L, -2, field_names[field]);
    }
    return 1;
}

// host.bar(): the bar object.
int lot_bar_new(lua_State *L) {
    lot_begin_table(lot_of(L));
    lua_newtable(L);
    lot_end_table(L, lot_of(L), -1);
    push_host_meta(L, "bar", bar_index, bar_contents);
    lua_setmetatable(L, -2);
    return 1;
}

// MARK: Account

// Dynamic fields of ctx; anything else is asked of the function given as upvalue.
int lot_context_index(lua_State *L) {
    const lot_account *account = &lot_of(L)->account;
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    if (strcmp(name, "equity") == 0) {
        lua_pushnumber(L, account->equity);
    } else if (strcmp(name, "cash") == 0) {
        lua_pushnumber(L, account->cash);
    } else if (strcmp(name, "time") == 0) {
        lua_pushinteger(L, account->time);
    } else {
        lua_settop(L, 2);
        lua_pushvalue(L, lua_upvalueindex(1));
        lua_insert(L, 1);
        lua_call(L, 2, 1);
    }
    return 1;
}

// Dynamic fields of ctx.position; anything else is asked of the function given as upvalue.
int lot_position_index(lua_State *L) {
    const lot_account *account = &lot_of(L)->account;
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    if (strcmp(name, "pnl") == 0) {
        lua_pushnumber(L, account->profit);
    } else if (strcmp(name, "bars") == 0) {
        lua_pushinteger(L, account->entry_row < 0 ? 0 : account->row - account->entry_row);
    } else {
        lua_settop(L, 2);
        lua_pushvalue(L, lua_upvalueindex(1));
        lua_insert(L, 1);
        lua_call(L, 2, 1);
    }
    return 1;
}

// MARK: Addresses

void lot_set_base(lot_lua *state, int32_t node, const double *base) {
    if (node >= state->base_count) {
        int count = node + 64;
        const double **bases = realloc(state->bases, (size_t)count * sizeof *bases);
        if (!bases) return;
        for (int i = state->base_count; i < count; i++) bases[i] = NULL;
        state->bases = bases;
        state->base_count = count;
    }
    state->bases[node] = base;
}

void lot_set_rows(lot_lua *state, int32_t node, const int64_t *rows) {
    if (node >= state->rows_count) {
        int count = node + 64;
        const int64_t **list = realloc(state->rows, (size_t)count * sizeof *list);
        if (!list) return;
        for (int i = state->rows_count; i < count; i++) list[i] = NULL;
        state->rows = list;
        state->rows_count = count;
    }
    state->rows[node] = rows;
}

void lot_set_columns(
    lot_lua *state, int64_t interval, const int64_t *open_time, const double *open,
    const double *high, const double *low, const double *close, const double *volume) {
    state->interval = interval;
    state->open_time = open_time;
    state->columns[0] = open;
    state->columns[1] = high;
    state->columns[2] = low;
    state->columns[3] = close;
    state->columns[4] = volume;
}

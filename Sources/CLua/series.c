// What scripts read at every bar: series, the bar, the position, the account.
//
// `series[i]` and `bar.field` go through `__index` the first time. From then on the slot is hot:
// the host writes its value into the table before each callback, so reading it is a plain table
// look-up. Hot tables lie on the Lua stack at fixed places; nothing is allocated per bar.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

// Places on the stack of a state that runs events; 1 is the message handler.
enum { AT_ON_BAR = 2, AT_SELF = 3, AT_CONTEXT = 4, AT_BAR = 5 };
enum { FIELD_TIME = 5, FIELD_OPEN_TIME = 6, FIELD_COUNT = 7 };

static const char *const field_names[] = {"open",   "high", "low",      "close",
                                          "volume", "time", "open_time"};

// MARK: Values

// The value `offset` rows before the newest one; the rows are those of the node's own bars.
static double series_value(const lot_lua *state, int node, int offset) {
    int64_t row = state->account.row;
    if (row < 0 || node >= state->base_count || !state->bases[node]) return NAN;
    if (node < state->rows_count && state->rows[node]) row = state->rows[node][row];
    row -= offset;
    return row < 0 ? NAN : state->bases[node][row];
}

static void push_series_value(lua_State *L, const lot_lua *state, const lot_hot *slot) {
    double value = series_value(state, slot->node, slot->offset);
    if (slot->condition)
        lua_pushboolean(L, value == 1);
    else
        lua_pushnumber(L, value);
}

static void push_field(lua_State *L, const lot_lua *state, int field) {
    int64_t row = state->account.row;
    if (field == FIELD_TIME)
        lua_pushinteger(L, state->account.time);
    else if (field == FIELD_OPEN_TIME)
        lua_pushinteger(L, row >= 0 && state->open_time ? state->open_time[row] : 0);
    else
        lua_pushnumber(L, row >= 0 && state->columns[field] ? state->columns[field][row] : NAN);
}

// Remembers a slot whose table (or key) is on top of the stack; pops it.
static void add_hot(lua_State *L, lot_lua *state, lot_hot slot) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_hot);
    lua_insert(L, -2);
    lua_rawseti(L, -2, state->hot_count + 1);
    lua_pop(L, 1);
    state->hot[state->hot_count++] = slot;
}

// Writes every hot slot for the current row. Only existing keys are set, so nothing can raise.
static void refresh(lot_lua *state) {
    lua_State *L = state->L;
    for (int i = 0; i < state->hot_count; i++) {
        lot_hot *slot = &state->hot[i];
        if (slot->stack == 0) {
            lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_hot);
            lua_rawgeti(L, -1, i + 1);
            lua_remove(L, -2);
            slot->stack = lua_gettop(L);
        }
        if (slot->node < 0) {
            lua_pushvalue(L, slot->stack);
            push_field(L, state, slot->offset);
            lua_rawset(L, AT_BAR);
        } else {
            push_series_value(L, state, slot);
            lua_rawseti(L, slot->stack, slot->offset);
        }
    }
}

// Hides the values that tables hold of the last bar from a function that may not see them. Only
// existing keys are set, so nothing can raise; the next callback's values replace them.
void lot_hide_series(lot_lua *state) {
    lua_State *L = state->L;
    for (int i = 0; i < state->hot_count; i++) {
        lot_hot *slot = &state->hot[i];
        if (slot->node < 0) continue;
        lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_hot);
        lua_rawgeti(L, -1, i + 1);
        lua_pushnumber(L, NAN);
        lua_rawseti(L, -2, slot->offset);
        lua_pop(L, 2);
    }
}

// MARK: Series

// host.series(node, is_condition): a new series object.
int lot_series_new(lua_State *L) {
    lua_Integer node = luaL_checkinteger(L, 1);
    bool condition = lua_toboolean(L, 2);
    lua_createtable(L, 1, 3);
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
    if (!exact || offset < 0 || offset >= LOT_MAX_HISTORY) return bad_index(L);
    if (state->in_rules)
        lot_fail(
            L, "series[%I] inside rules: rules are made of whole series; write "
               "series:shift(%I)", (LUAI_UACINT)offset, (LUAI_UACINT)offset);
    lot_hot slot = {
        .offset = (int)offset, .node = node_of(L, 1), .condition = condition_of(L, 1)};
    lua_settop(L, 2);
    if (state->events_ready && state->hot_count < LOT_MAX_HOT) {
        push_series_value(L, state, &slot);
        lua_rawseti(L, 1, offset);
        lua_pushvalue(L, 1);
        add_hot(L, state, slot);
    }
    push_series_value(L, state, &slot);
    return 1;
}

static int refuse_assignment(lua_State *L) {
    lot_fail(L, "a %s is read-only", lua_tostring(L, lua_upvalueindex(1)));
}

static void push_host_meta(lua_State *L, const char *name, lua_CFunction index) {
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
}

// host.series_meta(methods): makes the metatable of all series and returns it.
int lot_series_meta(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_pushvalue(L, 1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lot_key_series_methods);
    push_host_meta(L, "series", lot_series_index);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lot_key_series_meta);
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lot_key_hot);
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
    lua_createtable(L, 0, FIELD_COUNT);
    for (int field = 0; field < FIELD_COUNT; field++) {
        lua_pushnumber(L, NAN);
        lua_setfield(L, -2, field_names[field]);
    }
    push_host_meta(L, "bar", missing_bar_field);
    lua_setmetatable(L, -2);
    return 1;
}

static int bar_index(lua_State *L) {
    lot_lua *state = lot_of(L);
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2);
    for (int field = 0; field < FIELD_COUNT; field++) {
        if (strcmp(name, field_names[field]) != 0) continue;
        if (state->events_ready && state->hot_count < LOT_MAX_HOT) {
            lua_pushvalue(L, 2);
            push_field(L, state, field);
            lua_rawset(L, 1);
            lua_pushvalue(L, 2);
            add_hot(L, state, (lot_hot){.offset = field, .node = -1});
        }
        push_field(L, state, field);
        return 1;
    }
    lot_fail(
        L, "bar has no \"%s\"; it has open, high, low, close, volume, time and open_time", name);
}

// host.bar(): the bar object.
int lot_bar_new(lua_State *L) {
    lua_newtable(L);
    push_host_meta(L, "bar", bar_index);
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

static int write_position(lua_State *L) {
    const lot_account *account = &lot_of(L)->account;
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_position) != LUA_TTABLE) return 0;
    lua_pushboolean(L, account->position == 0);
    lua_setfield(L, -2, "flat");
    lua_pushboolean(L, account->position > 0);
    lua_setfield(L, -2, "long");
    lua_pushboolean(L, account->position < 0);
    lua_setfield(L, -2, "short");
    lua_pushnumber(L, account->position);
    lua_setfield(L, -2, "size");
    lua_pushnumber(L, account->entry_price);
    lua_setfield(L, -2, "entry_price");
    return 0;
}

int32_t lot_set_account(lot_lua *state, const lot_account *account) {
    bool moved = account->position != state->account.position ||
                 account->entry_price != state->account.entry_price;
    state->account = *account;
    if (moved) {
        lua_pushcfunction(state->L, write_position);
        if (lua_pcall(state->L, 0, 0, 1) != LUA_OK) {
            lua_settop(state->L, 1);
            return lot_finish(state, LUA_ERRMEM);
        }
    }
    if (state->events_ready) refresh(state);
    return LOT_OK;
}

// MARK: Events

// host.arm(on_bar, self, ctx, bar): what every bar's call needs.
int lot_arm(lua_State *L) {
    lua_settop(L, 4);
    lua_createtable(L, 4, 0);
    lua_insert(L, 1);
    for (int i = 4; i >= 1; i--) lua_rawseti(L, 1, i);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lot_key_armed);
    return 0;
}

static void install(lot_lua *state) {
    lua_State *L = state->L;
    lua_settop(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_armed);
    for (int i = 1; i <= 4; i++) lua_rawgeti(L, 2, i);
    lua_remove(L, 2);
    state->events_ready = true;
}

// What an on_bar returned, or a check that is due, goes to the prelude.
static int after_bar(lua_State *L) {
    if (!lua_isnil(L, 1)) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_entries);
        lua_getfield(L, -1, "signal");
        lua_pushvalue(L, 1);
        lua_call(L, 1, 0);
    }
    if (!lua_toboolean(L, 2)) return 0;
    lua_pushcfunction(L, lot_check_frozen);
    lua_call(L, 0, 0);
    lua_pushcfunction(L, lot_check_state);
    lua_call(L, 0, 0);
    return 0;
}

// The first callbacks and every 256th are checked for state kept elsewhere than in ctx.state.
static bool check_due(lot_lua *state) {
    state->callbacks += 1;
    return state->callbacks <= 64 || state->callbacks % 256 == 0;
}

int32_t lot_on_bar(lot_lua *state, const lot_account *account) {
    lua_State *L = state->L;
    if (!state->events_ready) install(state);
    int status = lot_set_account(state, account);
    if (status != LOT_OK) return status;
    state->label = "on_bar";
    state->error_kind = 0;
    status = lot_begin_call(state);
    if (status != LOT_OK) return status;
    int top = lua_gettop(L);
    lua_pushvalue(L, AT_ON_BAR);
    lua_pushvalue(L, AT_SELF);
    lua_pushvalue(L, AT_CONTEXT);
    lua_pushvalue(L, AT_BAR);
    status = lua_pcall(L, 3, 1, 1);
    bool due = check_due(state);
    if (status == LUA_OK && (due || !lua_isnil(L, -1))) {
        lua_pushcfunction(L, after_bar);
        lua_insert(L, -2);
        lua_pushboolean(L, due);
        status = lua_pcall(L, 2, 0, 1);
    }
    lua_settop(L, top);
    if (status == LUA_OK) {
        lot_end_call();
        return LOT_OK;
    }
    return lot_finish(state, status);
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
    lot_lua *state, const int64_t *open_time, const double *open, const double *high,
    const double *low, const double *close, const double *volume) {
    state->open_time = open_time;
    state->columns[0] = open;
    state->columns[1] = high;
    state->columns[2] = low;
    state->columns[3] = close;
    state->columns[4] = volume;
}

// Runs of `on_bar`: one protected call for a stretch of bars.
#include <string.h>

#include "internal.h"

// MARK: Account

static int take_account(lot_lua *state, const lot_account *account) {
    bool moved = account->position != state->account.position ||
                 account->entry_price != state->account.entry_price;
    state->account = *account;
    if (moved) {
        lua_pushcfunction(state->L, lot_write_position);
        if (lua_pcall(state->L, 0, 0, 1) != LUA_OK) {
            lua_settop(state->L, 1);
            return lot_finish(state, LUA_ERRMEM);
        }
    }
    return LOT_OK;
}

int32_t lot_set_account(lot_lua *state, const lot_account *account) {
    int status = take_account(state, account);
    if (status == LOT_OK && state->events_ready)
        lot_refresh(state->L, state, &state->pushed);
    return status;
}

// MARK: Events

// host.arm(on_bar, self, ctx, bar): what every bar's call needs.
int lot_arm(lua_State *L) {
    lua_settop(L, 4);
    lua_createtable(L, 4, 0);
    lua_insert(L, 1);
    for (int i = 4; i >= 1; i--) lua_rawseti(L, 1, i);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lot_key_armed);
    // What loading left behind would stay until as much again has come; with fifty symbols that is
    // a state's own size fifty times.
    lua_gc(L, LUA_GCCOLLECT);
    return 0;
}

// Pushes what every bar's call needs, from LOT_AT_ON_BAR on.
static void push_armed(lua_State *L) {
    lua_settop(L, LOT_AT_ON_BAR - 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_armed);
    for (int i = 1; i <= 4; i++) lua_rawgeti(L, LOT_AT_ON_BAR, i);
    lua_remove(L, LOT_AT_ON_BAR);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_slots);
}

// What an on_bar returned goes to the prelude. Then what is due is checked: locals after every bar
// where code could change one, since what is put back in time would be a state that nobody sees.
static int after_bar(lua_State *L) {
    if (!lua_isnil(L, 1)) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_entries);
        lua_getfield(L, -1, "signal");
        lua_pushvalue(L, 1);
        lua_call(L, 1, 0);
    }
    bool due = lua_toboolean(L, 2);
    if (due || lot_of(L)->may_change_locals) {
        lua_pushcfunction(L, lot_check_frozen);
        lua_call(L, 0, 0);
    }
    if (!due) return 0;
    lua_pushcfunction(L, lot_check_state);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_armed);
    lua_rawgeti(L, -1, 1);  // on_bar
    lua_remove(L, -2);
    lua_call(L, 1, 0);
    return 0;
}

// The first callbacks and every 256th are checked for state kept elsewhere than in ctx.state.
static bool check_due(lot_lua *state) {
    state->callbacks += 1;
    return state->callbacks <= 64 || state->callbacks % 256 == 0;
}

static void refuse_change(lua_State *L) {
    lua_Debug record;
    lua_pushvalue(L, LOT_AT_ON_BAR);
    lua_getinfo(L, ">S", &record);
    luaL_error(
        L, "%s:%d: a series or the bar was assigned to by on_bar: they are read-only",
        record.source + 1, record.linedefined);
}

// Calls on_bar and what follows it; the slots lie below. Raises, or counts the row as taken.
static void call_on_bar(lua_State *L, lot_lua *state, int pushed) {
    lua_pushvalue(L, LOT_AT_ON_BAR);
    lua_pushvalue(L, LOT_AT_SELF);
    lua_pushvalue(L, LOT_AT_CONTEXT);
    lua_pushvalue(L, LOT_AT_BAR);
    lua_call(L, 3, 1);
    if (state->may_assign && lot_slots_changed(L, state, pushed)) refuse_change(L);
    bool due = check_due(state);
    if (due || state->may_change_locals || !lua_isnil(L, -1)) {
        lua_pushcfunction(L, after_bar);
        lua_insert(L, -2);
        lua_pushboolean(L, due);
        lua_call(L, 2, 0);
    } else {
        lua_pop(L, 1);
    }
}

typedef struct {
    int64_t end;
    int64_t taken;
} bars_request;

// The rows of a stretch. Errors unwind to the one protected call around it; the time limit is that
// of each row, since the timer's handler looks at `call`.
static int bars_body(lua_State *L) {
    bars_request *what = lua_touserdata(L, 1);
    lot_lua *state = lot_of(L);
    luaL_checkstack(L, LOT_MAX_SLOTS + 32, NULL);
    push_armed(L);
    int pushed = 0;
    lot_account *account = &state->account;
    for (;;) {
        lot_look_at_slots(L, state, &pushed);
        lot_refresh(L, state, &pushed);
        call_on_bar(L, state, pushed);
        what->taken += 1;
        if (state->interrupted || account->row + 1 >= what->end) return 0;
        account->row += 1;
        double close = state->columns[3][account->row];
        account->time = state->open_time[account->row] + state->interval;
        account->equity = account->cash + account->position * close;
        account->profit = account->position * (close - account->entry_price);
        state->call += 1;
    }
}

int32_t lot_on_bars(
    lot_lua *state, const lot_account *account, int64_t end, int64_t *taken) {
    lua_State *L = state->L;
    *taken = 0;
    if (!state->events_ready) {
        push_armed(L);
        state->events_ready = true;
    }
    int status = take_account(state, account);
    if (status != LOT_OK) return status;
    state->label = "on_bar";
    state->error_kind = 0;
    state->interrupted = false;
    status = lot_begin_call(state);
    if (status != LOT_OK) return status;
    bars_request what = {.end = end};
    int top = lua_gettop(L);
    lua_pushcfunction(L, bars_body);
    lua_pushlightuserdata(L, &what);
    status = lua_pcall(L, 1, 0, 1);
    lua_settop(L, top);
    *taken = what.taken;
    if (status == LUA_OK) {
        lot_end_call();
        return LOT_OK;
    }
    status = lot_finish(state, status);
    lot_place_function(L, LOT_AT_ON_BAR);
    return status;
}

void lot_interrupt(lot_lua *state) { state->interrupted = true; }

int64_t lot_row(const lot_lua *state) { return state->account.row; }
int64_t lot_time(const lot_lua *state) { return state->account.time; }

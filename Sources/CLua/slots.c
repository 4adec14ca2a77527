// The slots `series[i]` and `bar.field` that a script reads at every bar.
//
// Reads go through `__index` at first, which counts them. A slot that is read often becomes hot:
// the host writes its value into the table before each callback, so reading it is a plain table
// look-up. A slot that is read seldom stays cold, since a write costs about half of a read through
// `__index`. Nobody sees how often a hot slot is read, so each in its turn is made cold for
// a few bars. Values are the same either way, and nothing is allocated per bar.
#include <math.h>

#include "internal.h"

enum { FIELD_TIME = LOT_FIRST_TIME, FIELD_OPEN_TIME };

// Bars between two looks at the slots; looks in which a cold slot's reads are added up, and looks
// between two trials of a hot one; the share of bars in which a hot slot must be read.
enum { LOOK = 16, SPAN = 4, TRIAL = 64, SHARE = 4 };

// MARK: Values

// The rows of a node's own bars by row of the main bars; NULL if they are the same.
static inline const int64_t *own_rows(const lot_lua *state, int node) {
    return node < state->rows_count ? state->rows[node] : NULL;
}

// The value `offset` rows before the newest one; the rows are those of the node's own bars.
static inline double series_value(const lot_lua *state, int node, int offset) {
    int64_t row = state->account.row;
    if (row < 0 || node >= state->base_count || !state->bases[node]) return NAN;
    const int64_t *rows = own_rows(state, node);
    row = (rows ? rows[row] : row) - offset;
    return row < 0 ? NAN : state->bases[node][row];
}

// A field of the newest bar that is no time.
static inline double field_value(const lot_lua *state, int field) {
    int64_t row = state->account.row;
    return row >= 0 && state->columns[field] ? state->columns[field][row] : NAN;
}

void lot_push_series(lua_State *L, const lot_lua *state, const lot_slot *slot) {
    double value = series_value(state, slot->node, slot->offset);
    if (slot->condition)
        lua_pushboolean(L, value == 1);
    else
        lua_pushnumber(L, value);
}

void lot_push_field(lua_State *L, const lot_lua *state, int field) {
    int64_t row = state->account.row;
    if (field == FIELD_TIME)
        lua_pushinteger(L, state->account.time);
    else if (field == FIELD_OPEN_TIME)
        lua_pushinteger(L, row >= 0 && state->open_time ? state->open_time[row] : 0);
    else
        lua_pushnumber(L, field_value(state, field));
}

// MARK: Slots

bool lot_read_slot(lua_State *L, lot_lua *state, const void *table, int64_t offset) {
    for (int i = 0; i < state->slot_count; i++) {
        lot_slot *slot = &state->slots[i];
        if (slot->table != table || slot->offset != offset) continue;
        slot->reads += 1;
        if (slot->node < 0) lot_push_field(L, state, slot->offset);
        else lot_push_series(L, state, slot);
        return true;
    }
    return false;
}

void lot_add_slot(lua_State *L, lot_lua *state, lot_slot slot, int index) {
    if (!state->events_ready || state->slot_count == LOT_MAX_SLOTS) return;
    index = lua_absindex(L, index);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_slots);
    lua_pushvalue(L, index);
    lua_rawseti(L, -2, state->slot_count + 1);
    lua_pop(L, 1);
    slot.reads = 1;
    slot.cold = slot.node < 0 && lot_is_assigned(L, index);
    state->slots[state->slot_count++] = slot;
}

// Writes the value of a slot for the current row into its table in this frame.
static inline void write_slot(lua_State *L, const lot_lua *state, int index) {
    const lot_slot *slot = &state->slots[index];
    int at = LOT_AT_SLOTS + 1 + index;
    if (slot->node < 0) {
        lua_pushvalue(L, at);
        lot_push_field(L, state, slot->offset);
        lua_rawset(L, LOT_AT_BAR);
    } else {
        lot_push_series(L, state, slot);
        lua_rawseti(L, at, slot->offset);
    }
}

static void push_slots(lua_State *L, const lot_lua *state, int *pushed) {
    while (*pushed < state->slot_count) lua_rawgeti(L, LOT_AT_SLOTS, ++*pushed);
}

// Forgets all places if memory was given since `before`: a table that has got a key may have moved.
// Keys of hot slots are there already, so that this happens is not expected; believing it would be
// the one way to write where nothing of ours lies.
static inline void check_places(lot_lua *state, unsigned long before) {
    if (state->given == before) return;
    for (int i = 0; i < state->slot_count; i++) state->slots[i].cell = NULL;
}

void lot_refresh(lua_State *L, lot_lua *state, int *pushed) {
    push_slots(L, state, pushed);
    for (int i = 0; i < state->hot_count; i++) {
        lot_slot *slot = &state->slots[state->hot[i]];
        if (slot->cell && *slot->tag == slot->number_tag) {
            *slot->cell = slot->node < 0 ? field_value(state, slot->offset)
                                         : series_value(state, slot->node, slot->offset);
        } else if (slot->condition) {
            // Conditions hold for many bars: the table has the value already.
            int value = 1 + (series_value(state, slot->node, slot->offset) == 1);
            if (slot->written != value) {
                unsigned long before = state->given;
                write_slot(L, state, state->hot[i]);
                check_places(state, before);
            }
            slot->written = value;
        } else {
            unsigned long before = state->given;
            write_slot(L, state, state->hot[i]);
            check_places(state, before);
        }
    }
}

bool lot_slots_changed(lua_State *L, const lot_lua *state, int pushed) {
    bool changed = false;
    int top = lua_gettop(L);
    for (int i = 0; i < state->hot_count && !changed; i++) {
        int at = LOT_AT_SLOTS + 1 + state->hot[i];
        const lot_slot *slot = &state->slots[state->hot[i]];
        if (state->hot[i] >= pushed) continue;
        if (slot->node < 0) {
            lua_pushvalue(L, at);
            lua_rawget(L, LOT_AT_BAR);
            lot_push_field(L, state, slot->offset);
        } else {
            lua_rawgeti(L, at, slot->offset);
            lot_push_series(L, state, slot);
        }
        bool both_nan = lua_type(L, -2) == LUA_TNUMBER && isnan(lua_tonumber(L, -2)) &&
                        lua_type(L, -1) == LUA_TNUMBER && isnan(lua_tonumber(L, -1));
        changed = !both_nan && !lua_rawequal(L, -2, -1);
        lua_settop(L, top);
    }
    return changed;
}

// Hides the values that tables hold of the last bar from a function that may not see them. Only
// existing keys are set, so nothing can raise; the next callback's values replace them.
void lot_hide_series(lot_lua *state) {
    lua_State *L = state->L;
    for (int i = 0; i < state->hot_count; i++) {
        lot_slot *slot = &state->slots[state->hot[i]];
        if (slot->node < 0) continue;
        slot->written = 0;
        lua_rawgetp(L, LUA_REGISTRYINDEX, &lot_key_slots);
        lua_rawgeti(L, -1, state->hot[i] + 1);
        lua_pushnumber(L, NAN);
        lua_rawseti(L, -2, slot->offset);
        lua_pop(L, 2);
    }
}

// MARK: Hot and cold

// Makes a slot hot: creates its key, so it may raise. A new key may move the others of its table.
static void heat(lua_State *L, lot_lua *state, int index) {
    const void *table = state->slots[index].table;
    state->watched = lot_blocks_of(state, table);
    write_slot(L, state, index);
    state->watched = NULL;
    state->hot[state->hot_count++] = index;
    state->slots[index].hot = true;
    state->slots[index].written = 0;
    for (int i = 0; i < state->hot_count; i++) {
        int other = state->hot[i];
        if (state->slots[other].table != table) continue;
        lot_find_cell(L, state, &state->slots[other], LOT_AT_SLOTS + 1 + other);
        write_slot(L, state, other);
    }
}

// Makes the slot at a place of the list of hot ones cold: its key holds nil.
static void cool(lua_State *L, lot_lua *state, int place) {
    int index = state->hot[place];
    lot_slot *slot = &state->slots[index];
    unsigned long before = state->given;
    if (slot->node < 0) {
        lua_pushvalue(L, LOT_AT_SLOTS + 1 + index);
        lua_pushnil(L);
        lua_rawset(L, LOT_AT_BAR);
    } else {
        lua_pushnil(L);
        lua_rawseti(L, LOT_AT_SLOTS + 1 + index, slot->offset);
    }
    check_places(state, before);
    state->hot[place] = state->hot[--state->hot_count];
    slot->hot = false;
    slot->cell = NULL;
    slot->reads = 0;
}

static void look(lua_State *L, lot_lua *state) {
    state->looks += 1;
    int trial = state->trial - 1;
    if (trial >= 0) {
        // The end of a trial.
        if (state->slots[trial].reads * SHARE >= LOOK) heat(L, state, trial);
        state->trial = 0;
    }
    if (state->looks % SPAN == 0) {
        for (int i = 0; i < state->slot_count; i++) {
            lot_slot *slot = &state->slots[i];
            if (!slot->hot && !slot->cold && slot->reads * SHARE >= LOOK * SPAN) heat(L, state, i);
            slot->reads = 0;
        }
    }
    if (state->looks % TRIAL == 0 && state->hot_count > 0) {
        int place = state->looks / TRIAL % state->hot_count;
        state->trial = state->hot[place] + 1;
        cool(L, state, place);
    }
}

void lot_look_at_slots(lua_State *L, lot_lua *state, int *pushed) {
    if (++state->bars % LOOK != 0) return;
    push_slots(L, state, pushed);
    look(L, state);
}

// Where the number of a hot slot lies, so that a bar's value costs one store.
//
// Setting a field through Lua's interface looks the key up: for series[0] a division and a walk, at
// every bar. The memory of a table comes from our own allocator, which notes the blocks of series
// and of the bar. A number that is set through the interface is found there by its bits, and the
// place is believed only after three more values have shown that it follows every assignment and
// that the byte behind it tells a number with a fraction from others. From then on the number is
// replaced in place, as long as that byte says that a number lies there; whatever else a script
// has put there is set through the interface again.
//
// The place is good as long as the table keeps its blocks: no key can come into a series or a bar
// but by `heat` in slots.c, which looks for all places again; and should another write of the host
// ever be given memory, all places are forgotten. Where none is found, nothing changes but speed.
// No layout of Lua's is assumed.
#include <stdlib.h>
#include <string.h>

#include "internal.h"

// MARK: Blocks

// Called by the allocator while a table is watched: a block came (`old` is NULL), moved or went.
void lot_note_block(lot_blocks *blocks, const void *old, void *new, size_t size) {
    for (int i = 0; old && i < blocks->count; i++) {
        if (blocks->list[i].start != old) continue;
        if (new) blocks->list[i] = (lot_block){.start = new, .size = size};
        else blocks->list[i] = blocks->list[--blocks->count];
        return;
    }
    if (!old && new && blocks->count < LOT_MAX_BLOCKS)
        blocks->list[blocks->count++] = (lot_block){.start = new, .size = size};
}

// Watches what is allocated for a table that is about to be made.
void lot_begin_table(lot_lua *state) {
    state->watched = NULL;
    if (state->table_count == state->table_room) {
        int room = state->table_room * 2 + 32;
        lot_blocks *tables = realloc(state->tables, (size_t)room * sizeof *tables);
        if (!tables) return;
        state->tables = tables;
        state->table_room = room;
    }
    state->watched = &state->tables[state->table_count];
    *state->watched = (lot_blocks){.count = 0};
}

// The table is the one at `index`.
void lot_end_table(lua_State *L, lot_lua *state, int index) {
    const void *table = lua_topointer(L, index);
    if (!state->watched) {
        // Without a list of its blocks there must be none: one of this address is of a table that
        // is gone.
        for (int i = 0; i < state->table_count; i++)
            if (state->tables[i].table == table) state->tables[i].table = NULL;
        return;
    }
    state->watched->table = table;
    state->watched = NULL;
    state->table_count += 1;
}

// The newest table of this address, since an older one may be gone.
lot_blocks *lot_blocks_of(const lot_lua *state, const void *table) {
    for (int i = state->table_count - 1; i >= 0; i--)
        if (state->tables[i].table == table) return &state->tables[i];
    return NULL;
}

// MARK: Places

static uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

// The only place in the blocks that holds these bits, with a byte behind it; else NULL.
static char *place_of(const lot_blocks *blocks, uint64_t bits) {
    char *found = NULL;
    for (int i = 0; i < blocks->count; i++) {
        char *start = blocks->list[i].start;
        for (size_t at = 0; at + 2 * sizeof bits <= blocks->list[i].size; at += sizeof bits) {
            if (memcmp(start + at, &bits, sizeof bits) != 0) continue;
            if (found) return NULL;
            found = start + at;
        }
    }
    return found;
}

// Sets the field of a slot, which exists, to the number on top of the stack; pops it.
static void set_number(lua_State *L, const lot_slot *slot, int at) {
    if (slot->node >= 0) {
        lua_rawseti(L, at, slot->offset);
    } else {
        lua_pushvalue(L, at);
        lua_insert(L, -2);
        lua_rawset(L, LOT_AT_BAR);
    }
}

// Finds the place of a hot slot whose table (series) or key (bar) is at `at`. Allocates nothing
// and cannot raise. The field is left with a number that the caller replaces.
void lot_find_cell(lua_State *L, const lot_lua *state, lot_slot *slot, int at) {
    // Two numbers that nobody computes; their order in memory is of no interest.
    static const double first = 0x1.c90fdaa22168cp-871, second = -0x1.b7e151628aed2p-867;
    slot->cell = NULL;
    const lot_blocks *blocks = lot_blocks_of(state, slot->table);
    if (!blocks || slot->condition || (slot->node < 0 && slot->offset >= LOT_FIRST_TIME)) return;
    lua_pushnumber(L, first);
    set_number(L, slot, at);
    char *place = place_of(blocks, bits_of(first));
    if (!place) return;
    const unsigned char *tag = (const unsigned char *)place + sizeof(double);
    unsigned char number_tag = *tag;
    double *cell = (double *)(void *)place;
    lua_pushnumber(L, second);
    set_number(L, slot, at);
    bool follows = bits_of(*cell) == bits_of(second) && *tag == number_tag;
    lua_pushboolean(L, 0);
    set_number(L, slot, at);
    follows = follows && *tag != number_tag;
    lua_pushinteger(L, 1);
    set_number(L, slot, at);
    follows = follows && *tag != number_tag;
    lua_pushnumber(L, first);
    set_number(L, slot, at);
    follows = follows && bits_of(*cell) == bits_of(first) && *tag == number_tag;
    if (!follows) return;
    slot->cell = cell;
    slot->tag = tag;
    slot->number_tag = number_tag;
}

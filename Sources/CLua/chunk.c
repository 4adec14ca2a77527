// Source text becomes a function: what `load`, `require`, the script itself and `where` come to.
//
// Lua's compiler runs no hook, and some texts take it time by the square of their length. So it is
// handed a line at a time, and between two lines the time limit is looked at. The lines that were
// handed out also say where it stood when it complains without a place of its own.
#include <stdio.h>
#include <string.h>

#include "internal.h"

// Lines that are longer come in pieces.
#define MAX_PIECE 4096

typedef struct {
    const char *at, *end;
    int line;       // of the piece that the compiler has now
    bool has_ended; // whether that piece ends its line
} source;

static const char *read_piece(lua_State *L, void *context, size_t *size) {
    source *from = context;
    lot_heed_time(L);
    size_t rest = (size_t)(from->end - from->at);
    size_t most = rest < MAX_PIECE ? rest : MAX_PIECE;
    if (most == 0) {
        *size = 0;
        return NULL;
    }
    const char *start = from->at, *line_end = memchr(start, '\n', most);
    *size = line_end ? (size_t)(line_end + 1 - start) : most;
    from->at += *size;
    from->line += from->has_ended;
    from->has_ended = line_end != NULL;
    return start;
}

// Puts the place in front of a message of the compiler that has none.
static void place_message(lua_State *L, const char *name, int line) {
    const char *text = lua_tostring(L, -1);
    size_t length = strlen(name + 1);
    if (!text || (strncmp(text, name + 1, length) == 0 && text[length] == ':')) return;
    bool is_depth = strstr(text, "C stack overflow") != NULL;
    lua_pushfstring(
        L, "%s:%d: %s", name + 1, line,
        is_depth ? "nested too deeply: Lua takes at most 200 levels" : text);
    lua_remove(L, -2);
}

// Pushes the function that a text makes, or the reason why it makes none. `name` starts with '@' or
// '='. Limits go on upwards.
bool lot_load(lua_State *L, const char *text, size_t length, const char *name) {
    lot_lua *state = lot_of(L);
    source from = {.at = text, .end = text + length, .line = 1};
    int status = lua_load(L, read_piece, &from, name, "t");
    if (status == LUA_OK) return true;
    if (state->stopped && name[0] == '@' && state->place.line == 0) {
        snprintf(state->place.source, sizeof state->place.source, "%s", name + 1);
        state->place.line = from.line;
    }
    if (state->stopped) lot_stop(L, state->stopped);
    if (status == LUA_ERRMEM) lot_stop(L, LOT_MEMORY);
    place_message(L, name, from.line);
    return false;
}

// Memory of one state in one region, whose whole content can be noted and brought back: a search
// loads a script once and begins each trial from there, as if the state had just been made.
//
// Everything that Lua allocates for a state lies in the region, the state itself too, so its
// pointers are right again when the bytes are. Blocks come in classes of sizes with a list of free
// ones each; nothing else is kept, since Lua tells the size of what it frees.
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>

#include "internal.h"

// Under AddressSanitizer (`make sanitize`) what is free must not be touched: the link to the next
// free block is all that is read there, and only here.
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define CLOSE(place, size) __asan_poison_memory_region(place, size)
#define OPEN(place, size) __asan_unpoison_memory_region(place, size)
#else
#define CLOSE(place, size) ((void)(place), (void)(size))
#define OPEN(place, size) ((void)(place), (void)(size))
#endif

enum { SMALL = 64, STEP = 16, LARGE = 32 };

typedef struct block {
    struct block *next;
} block;

struct lot_arena {
    size_t size;  // of the region
    size_t top;   // bytes given out once, this header among them
    block *small[SMALL + 1];  // by sixteenths: up to 1024 bytes
    block *large[LARGE];      // by powers of two from 2048
    // What was noted: a copy of the first bytes of the region; not part of it.
    char *noted;
    size_t noted_size;
};

static size_t class_size(int class) {
    return class <= SMALL ? (size_t)class * STEP : (size_t)1 << (10 + class - SMALL);
}

static int class_of(size_t size) {
    if (size <= SMALL * STEP) return (int)((size + STEP - 1) / STEP);
    int class = SMALL + 1;
    while (class_size(class) < size) class += 1;
    return class;
}

lot_arena *lot_arena_create(size_t size) {
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void *region = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (region == MAP_FAILED) return NULL;
    lot_arena *arena = region;
    arena->size = size;
    arena->top = (sizeof *arena + STEP - 1) / STEP * STEP;
    return arena;
}

void lot_arena_destroy(lot_arena *arena) {
    if (!arena) return;
    if (arena->noted) munmap(arena->noted, arena->noted_size);
    OPEN(arena, arena->size);
    munmap(arena, arena->size);
}

static block **list(lot_arena *arena, int class) {
    return class <= SMALL ? &arena->small[class] : &arena->large[class - SMALL - 1];
}

static void *take(lot_arena *arena, int class) {
    block **free_blocks = list(arena, class);
    if (*free_blocks) {
        block *found = *free_blocks;
        OPEN(found, class_size(class));
        *free_blocks = found->next;
        return found;
    }
    size_t size = class_size(class);
    if (size > arena->size - arena->top) return NULL;
    void *made = (char *)arena + arena->top;
    arena->top += size;
    OPEN(made, size);
    return made;
}

static void give(lot_arena *arena, void *place, int class) {
    block **free_blocks = list(arena, class);
    ((block *)place)->next = *free_blocks;
    *free_blocks = place;
    CLOSE(place, class_size(class));
}

void *lot_arena_resize(lot_arena *arena, void *place, size_t old_size, size_t new_size) {
    int old = place ? class_of(old_size) : 0;
    int new = class_of(new_size);
    if (place && old_size > 0 && old == new) return place;
    void *made = NULL;
    if (new_size > 0) {
        made = new - SMALL - 1 < LARGE ? take(arena, new) : NULL;
        // What shrinks may stay where it is: it is freed as a smaller block then.
        if (!made) return place && new_size <= old_size ? place : NULL;
        if (place) memcpy(made, place, old_size < new_size ? old_size : new_size);
    }
    if (place && old_size > 0) give(arena, place, old);
    return made;
}

// Closes what is free after bytes were copied: the blocks of every list, and all from the top on
// that was given out before.
static void close_free(lot_arena *arena, size_t used) {
    if (used > arena->top) CLOSE((char *)arena + arena->top, used - arena->top);
#if __has_feature(address_sanitizer)
    for (int class = 1; class <= SMALL + LARGE; class += 1) {
        for (block *each = *list(arena, class); each;) {
            block *next = each->next;
            CLOSE(each, class_size(class));
            each = next;
        }
    }
#endif
}

bool lot_arena_note(lot_arena *arena) {
    size_t size = arena->top;
    char *copy = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (copy == MAP_FAILED) return false;
    if (arena->noted) munmap(arena->noted, arena->noted_size);
    arena->noted = copy;
    arena->noted_size = size;
    OPEN(arena, size);
    memcpy(copy, arena, size);
    close_free(arena, size);
    return true;
}

void lot_arena_rewind(lot_arena *arena) {
    if (!arena->noted) return;
    size_t used = arena->top;
    OPEN(arena, arena->noted_size);
    memcpy(arena, arena->noted, arena->noted_size);
    close_free(arena, used);
}

#define _GNU_SOURCE
// A heap that a run of some ten milliseconds can fill without asking the kernel page by page.
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "include/Heap.h"

#define HUGE_PAGE ((uintptr_t)2 << 20)

void lot_prepare_heap(size_t bytes) {
    // Large blocks come from the heap and go back to it: otherwise each array that doubles is a
    // fresh mapping, and each of its pages a fault and 4 KiB of zeros.
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 512 << 20);
    mallopt(M_TOP_PAD, (int)bytes);
    void *block = malloc(1 << 20);
    uintptr_t start = ((uintptr_t)block + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
    uintptr_t end = (uintptr_t)sbrk(0) & ~(HUGE_PAGE - 1);
    // Only where it is the heap that grew, not a mapping elsewhere; a kernel without huge pages
    // says no, which costs nothing.
    if (block && end > start && end - start <= bytes + HUGE_PAGE)
        madvise((void *)start, end - start, MADV_HUGEPAGE);
    free(block);
    mallopt(M_TOP_PAD, 4 << 20);
}

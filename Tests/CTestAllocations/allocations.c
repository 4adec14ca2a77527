// Counts what each thread allocates. The test binary's malloc comes before the C library's, for
// its own code and for every shared library; the work is still done by the C library.
#include "CTestAllocations.h"

#include <errno.h>
#include <stddef.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static __thread long allocations __attribute__((tls_model("initial-exec")));

long lot_test_allocations(void) { return allocations; }

#if __has_feature(address_sanitizer)

// The sanitizer's malloc must stay in its place; it tells whoever defines this.
void __sanitizer_malloc_hook(const volatile void *block, size_t size) {
    (void)block, (void)size;
    allocations += 1;
}

void __sanitizer_free_hook(const volatile void *block) { (void)block; }

#else

void *malloc(size_t size) {
    allocations += 1;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    allocations += 1;
    return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
    allocations += 1;
    return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    allocations += 1;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    allocations += 1;
    *block = __libc_memalign(alignment, size);
    return *block ? 0 : ENOMEM;
}

#endif

#include "CKernels.h"

// Swift's SIMD comparisons turn into bits one lane at a time; a processor has an instruction that
// does it for all lanes. That is all this file is for.

void lot_compare_plain(const double *a, const double *b, size_t count, uint64_t *not_above,
                       uint64_t *not_below) {
    for (size_t start = 0; start < count; start += 64) {
        size_t length = count - start < 64 ? count - start : 64;
        uint64_t le = 0, ge = 0;
        for (size_t i = 0; i < length; i++) {
            le |= (uint64_t)(a[start + i] <= b[start + i]) << i;
            ge |= (uint64_t)(a[start + i] >= b[start + i]) << i;
        }
        not_above[start / 64] = le;
        not_below[start / 64] = ge;
    }
}

#if defined(__x86_64__)

#include <immintrin.h>

__attribute__((target("avx2"))) static void compare_avx2(const double *a, const double *b,
                                                         size_t count, uint64_t *not_above,
                                                         uint64_t *not_below) {
    size_t whole = count / 64;
    for (size_t word = 0; word < whole; word++) {
        uint64_t le = 0, ge = 0;
        for (size_t i = 0; i < 64; i += 4) {
            __m256d x = _mm256_loadu_pd(a + word * 64 + i);
            __m256d y = _mm256_loadu_pd(b + word * 64 + i);
            le |= (uint64_t)(unsigned)_mm256_movemask_pd(_mm256_cmp_pd(x, y, _CMP_LE_OQ)) << i;
            ge |= (uint64_t)(unsigned)_mm256_movemask_pd(_mm256_cmp_pd(x, y, _CMP_GE_OQ)) << i;
        }
        not_above[word] = le;
        not_below[word] = ge;
    }
    if (count % 64 != 0)
        lot_compare_plain(a + whole * 64, b + whole * 64, count % 64, not_above + whole,
                          not_below + whole);
}

__attribute__((target("avx512f"))) static void compare_avx512(const double *a, const double *b,
                                                              size_t count, uint64_t *not_above,
                                                              uint64_t *not_below) {
    size_t whole = count / 64;
    for (size_t word = 0; word < whole; word++) {
        uint64_t le = 0, ge = 0;
        for (size_t i = 0; i < 64; i += 8) {
            __m512d x = _mm512_loadu_pd(a + word * 64 + i);
            __m512d y = _mm512_loadu_pd(b + word * 64 + i);
            le |= (uint64_t)_mm512_cmp_pd_mask(x, y, _CMP_LE_OQ) << i;
            ge |= (uint64_t)_mm512_cmp_pd_mask(x, y, _CMP_GE_OQ) << i;
        }
        not_above[word] = le;
        not_below[word] = ge;
    }
    if (count % 64 != 0)
        lot_compare_plain(a + whole * 64, b + whole * 64, count % 64, not_above + whole,
                          not_below + whole);
}

void lot_compare(const double *a, const double *b, size_t count, uint64_t *not_above,
                 uint64_t *not_below) {
    if (__builtin_cpu_supports("avx512f"))
        compare_avx512(a, b, count, not_above, not_below);
    else if (__builtin_cpu_supports("avx2"))
        compare_avx2(a, b, count, not_above, not_below);
    else
        lot_compare_plain(a, b, count, not_above, not_below);
}

#else

void lot_compare(const double *a, const double *b, size_t count, uint64_t *not_above,
                 uint64_t *not_below) {
    lot_compare_plain(a, b, count, not_above, not_below);
}

#endif

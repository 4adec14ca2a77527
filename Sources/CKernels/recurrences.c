#include "CKernels.h"

#include <string.h>

// The inner loop of a running sum. Each element costs what the chain from one value to the next
// costs: all else is done for a block of elements at a time, before and behind the chain, where
// the compiler can use vectors. No operation of the definition is reordered or left out, so the
// bits are those of one step after the other.

#define BLOCK 32

// Two numbers that the processor works on at once.
typedef double pair __attribute__((vector_size(16)));

// Writes the means of a block of running sums, two at a time.
static inline void put_means(const double *sums, size_t i, double anchor, double share,
                             double *out) {
    pair two, means;
    memcpy(&two, sums + i, sizeof two);
    means = anchor + two / share;
    memcpy(out + i, &means, sizeof means);
}

double lot_moving_sum(const double *entering, const double *leaving, size_t count, double anchor,
                      double sum, double share, double *out) {
    double change[BLOCK], blocks[2][BLOCK];
    size_t whole = count / BLOCK;
    for (size_t block = 0; block < whole; block++) {
        const double *in = entering + block * BLOCK, *old = leaving + block * BLOCK;
        double *sums = blocks[block % 2];
        const double *before = blocks[1 - block % 2];
        for (size_t i = 0; i < BLOCK; i++) change[i] = (in[i] - anchor) - (old[i] - anchor);
        // While the sums of this block wait for each other, those of the last one are divided.
        if (block == 0) {
            for (size_t i = 0; i < BLOCK; i++) sums[i] = sum += change[i];
            continue;
        }
        for (size_t i = 0; i < BLOCK; i += 2) {
            sums[i] = sum += change[i];
            sums[i + 1] = sum += change[i + 1];
            put_means(before, i, anchor, share, out + (block - 1) * BLOCK);
        }
    }
    if (whole > 0)
        for (size_t i = 0; i < BLOCK; i += 2)
            put_means(blocks[(whole - 1) % 2], i, anchor, share, out + (whole - 1) * BLOCK);
    for (size_t i = whole * BLOCK; i < count; i++) {
        sum += (entering[i] - anchor) - (leaving[i] - anchor);
        out[i] = anchor + sum / share;
    }
    return sum;
}

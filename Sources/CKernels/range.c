#include <math.h>

#include "CKernels.h"

// Eight lanes that wait for each other's comparison as little as may be. The lowest and the
// highest of numbers do not depend on the order in which they are compared.

enum { LANES = 8 };

void lot_range(const double *low, const double *high, size_t count, double *lowest,
               double *highest) {
    double bottom[LANES], top[LANES];
    for (size_t lane = 0; lane < LANES; lane++) {
        bottom[lane] = INFINITY;
        top[lane] = -INFINITY;
    }
    size_t row = 0;
    for (; row + LANES <= count; row += LANES) {
        for (size_t lane = 0; lane < LANES; lane++) {
            double l = low[row + lane], h = high[row + lane];
            bottom[lane] = l < bottom[lane] ? l : bottom[lane];
            top[lane] = h > top[lane] ? h : top[lane];
        }
    }
    for (; row < count; row++) {
        bottom[0] = low[row] < bottom[0] ? low[row] : bottom[0];
        top[0] = high[row] > top[0] ? high[row] : top[0];
    }
    for (size_t lane = 1; lane < LANES; lane++) {
        bottom[0] = bottom[lane] < bottom[0] ? bottom[lane] : bottom[0];
        top[0] = top[lane] > top[0] ? top[lane] : top[0];
    }
    *lowest = bottom[0];
    *highest = top[0];
}

void lot_prefetch(const void *start, size_t bytes) {
    const char *line = start;
    for (size_t at = 0; at < bytes; at += 64) __builtin_prefetch(line + at, 0, 2);
}

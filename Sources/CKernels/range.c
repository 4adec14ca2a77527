#include <math.h>

#include "CKernels.h"

// Eight lanes that wait for each other's comparison as little as may be. The lowest and the
// highest of numbers do not depend on the order in which they are compared.

enum { LANES = LOT_BLOCK / 2 };

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

void lot_block_ranges(const double *values, size_t count, double *lowest, double *highest) {
    size_t whole = count / LOT_BLOCK;
    for (size_t block = 0; block < whole; block++, values += LOT_BLOCK) {
        double bottom[LANES], top[LANES];
        for (size_t lane = 0; lane < LANES; lane++) {
            double a = values[lane], b = values[lane + LANES];
            bottom[lane] = a < b ? a : b;
            top[lane] = a > b ? a : b;
        }
        for (size_t half = LANES / 2; half > 0; half /= 2) {
            for (size_t lane = 0; lane < half; lane++) {
                double a = bottom[lane + half], b = top[lane + half];
                bottom[lane] = a < bottom[lane] ? a : bottom[lane];
                top[lane] = b > top[lane] ? b : top[lane];
            }
        }
        lowest[block] = bottom[0];
        highest[block] = top[0];
    }
    size_t rest = count - whole * LOT_BLOCK;
    if (rest > 0) lot_range(values, values, rest, lowest + whole, highest + whole);
}

void lot_touch(const void *start, size_t bytes) {
    const volatile char *line = start;
    for (size_t at = 0; at < bytes; at += 64) (void)line[at];
}

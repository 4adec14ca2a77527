#include "CKernels.h"

#include <float.h>

// The inner loops of recurrences. Each element costs what the chain from one value to the next
// costs: all else is done for a block of elements at a time, before and behind the chain, where
// the compiler can use vectors. No operation of the definitions is reordered or left out, so the
// bits are those of one step after the other.

#define BLOCK 64

double lot_moving_sum(const double *entering, const double *leaving, size_t count, double anchor,
                      double sum, double share, double *out) {
    double change[BLOCK], sums[BLOCK];
    for (size_t start = 0; start < count; start += BLOCK) {
        size_t n = count - start < BLOCK ? count - start : BLOCK;
        for (size_t i = 0; i < n; i++)
            change[i] = (entering[start + i] - anchor) - (leaving[start + i] - anchor);
        for (size_t i = 0; i < n; i++) sums[i] = sum += change[i];
        for (size_t i = 0; i < n; i++) out[start + i] = anchor + sums[i] / share;
    }
    return sum;
}

double lot_exponential(const double *values, size_t count, double weight, double state,
                       double *out) {
    for (size_t i = 0; i < count; i++) out[i] = state = (values[i] - state) * weight + state;
    return state;
}

bool lot_relative_strength(const double *values, size_t count, double share, double last,
                           double *gain, double *loss, double *out) {
    uint64_t overflows = 0;
    double gains[BLOCK], losses[BLOCK];
    double up = *gain, down = *loss;
    for (size_t start = 0; start < count; start += BLOCK) {
        size_t n = count - start < BLOCK ? count - start : BLOCK;
        const double *now = values + start;
        gains[0] = now[0] - last;
        for (size_t i = 1; i < n; i++) gains[i] = now[i] - now[i - 1];
        last = now[n - 1];
        for (size_t i = 0; i < n; i++) {
            double change = gains[i], size = __builtin_fabs(change);
            gains[i] = (size + change) * 0.5;
            losses[i] = (size - change) * 0.5;
        }
        for (size_t i = 0; i < n; i++) {
            gains[i] = up = (gains[i] - up) * share + up;
            losses[i] = down = (losses[i] - down) * share + down;
        }
        for (size_t i = 0; i < n; i++) {
            double total = gains[i] + losses[i];
            double index = 100 * (gains[i] / total);
            out[start + i] = total > 0 ? index : 0;
            overflows |= !(total <= DBL_MAX);
        }
    }
    *gain = up;
    *loss = down;
    return overflows == 0;
}

double lot_true_range_average(const double *high, const double *low, const double *close,
                              size_t count, double share, double last, double state,
                              double *out) {
    double ranges[BLOCK], before[BLOCK];
    for (size_t start = 0; start < count; start += BLOCK) {
        size_t n = count - start < BLOCK ? count - start : BLOCK;
        const double *h = high + start, *l = low + start, *c = close + start;
        before[0] = last;
        for (size_t i = 1; i < n; i++) before[i] = c[i - 1];
        last = c[n - 1];
        for (size_t i = 0; i < n; i++) {
            double top = h[i] > before[i] ? h[i] : before[i];
            double bottom = l[i] < before[i] ? l[i] : before[i];
            ranges[i] = top - bottom + (h[i] - l[i] + c[i]) * 0;
        }
        for (size_t i = 0; i < n; i++) out[start + i] = state = (ranges[i] - state) * share + state;
    }
    return state;
}

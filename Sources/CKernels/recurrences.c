#include "CKernels.h"

#include <float.h>
#include <string.h>

// The inner loops of recurrences. Each element costs what the chain from one value to the next
// costs: all else is done for a block of elements at a time, before and behind the chain, where
// the compiler can use vectors. No operation of the definitions is reordered or left out, so the
// bits are those of one step after the other.

#define BLOCK 32
#define LANES 4
#define TILE 4096

// Two numbers that the processor works on at once.
typedef double pair __attribute__((vector_size(16)));
typedef int64_t lanes __attribute__((vector_size(16)));

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

#define STEP(state, value) ((state) = ((value) - (state)) * weight + (state))

// A chain of dependent operations leaves the processor idle, so four stretches run side by side.
// Only the first knows its state; the others guess it: an average forgets where it began, so after
// some values it is, bit by bit, the one that began elsewhere. Whether it is shows when the stretch
// before ends; a stretch that guessed wrong is computed again.
//
// After 36 / weight values a difference is below the last bit; 12 / weight more let roundings meet.
#define SMOOTH(name, number)                                                                       \
    static number name##_steps(const number *values, size_t count, double weight, number state,    \
                               number *out) {                                                      \
        for (size_t i = 0; i < count; i++) out[i] = STEP(state, values[i]);                        \
        return state;                                                                              \
    }                                                                                              \
    static number name(const number *values, size_t count, double weight, number state,            \
                       number *out) {                                                              \
        size_t length = count / LANES;                                                             \
        double memory = 48 / weight;                                                               \
        if (!(memory < (double)length)) return name##_steps(values, count, weight, state, out);    \
        ptrdiff_t before = (ptrdiff_t)memory;                                                      \
        const number *second = values + length, *third = second + length, *fourth = third + length;\
        number b = second[-before], c = third[-before], d = fourth[-before];                       \
        for (ptrdiff_t i = -before; i < 0; i++) {                                                  \
            STEP(b, second[i]);                                                                    \
            STEP(c, third[i]);                                                                     \
            STEP(d, fourth[i]);                                                                    \
        }                                                                                          \
        const number starts[LANES] = {state, b, c, d};                                             \
        for (size_t i = 0; i < length; i++) {                                                      \
            out[i] = STEP(state, values[i]);                                                       \
            out[length + i] = STEP(b, second[i]);                                                  \
            out[2 * length + i] = STEP(c, third[i]);                                               \
            out[3 * length + i] = STEP(d, fourth[i]);                                              \
        }                                                                                          \
        const number ends[LANES] = {state, b, c, d};                                               \
        for (size_t lane = 1; lane < LANES; lane++) {                                              \
            size_t at = lane * length;                                                             \
            if (memcmp(&state, &starts[lane], sizeof state) == 0) state = ends[lane];              \
            else state = name##_steps(values + at, length, weight, state, out + at);               \
        }                                                                                          \
        size_t done = LANES * length;                                                              \
        return name##_steps(values + done, count - done, weight, state, out + done);               \
    }

SMOOTH(smooth, double)
SMOOTH(smooth_pairs, pair)

double lot_exponential(const double *values, size_t count, double weight, double state,
                       double *out) {
    return smooth(values, count, weight, state, out);
}

bool lot_relative_strength(const double *values, size_t count, double share, double last,
                           double *gain, double *loss, double *out) {
    pair changes[TILE], smoothed[TILE + 1];
    pair state = {*gain, *loss};
    lanes overflows = {0, 0};
    for (size_t start = 0; start < count; start += TILE) {
        size_t n = count - start < TILE ? count - start : TILE;
        const double *now = values + start;
        for (size_t i = 0; i < n; i++) {
            double change = now[i] - last, size = __builtin_fabs(change);
            last = now[i];
            changes[i] = (pair){(size + change) * 0.5, (size - change) * 0.5};
        }
        state = smooth_pairs(changes, n, share, state, smoothed);
        smoothed[n] = smoothed[n - 1];
        for (size_t i = 0; i < n; i += 2) {
            // Two at a time: a division takes as long as two.
            pair ups = __builtin_shufflevector(smoothed[i], smoothed[i + 1], 0, 2);
            pair total = ups + __builtin_shufflevector(smoothed[i], smoothed[i + 1], 1, 3);
            lanes index = (lanes)(100 * (ups / total)) & (total > 0);
            overflows |= ~(total <= DBL_MAX);
            out[start + i] = ((pair)index)[0];
            if (i + 1 < n) out[start + i + 1] = ((pair)index)[1];
        }
    }
    *gain = state[0];
    *loss = state[1];
    return (overflows[0] | overflows[1]) == 0;
}

// Not a number if a price is not finite, whatever the comparisons passed over.
static inline double true_range(double high, double low, double close, double before) {
    double top = high > before ? high : before;
    double bottom = low < before ? low : before;
    return top - bottom + (high - low + close) * 0;
}

double lot_true_range_average(const double *high, const double *low, const double *close,
                              size_t count, double share, double last, double state,
                              double *out) {
    double ranges[TILE];
    for (size_t start = 0; start < count; start += TILE) {
        size_t n = count - start < TILE ? count - start : TILE;
        const double *h = high + start, *l = low + start, *c = close + start;
        ranges[0] = true_range(h[0], l[0], c[0], last);
        for (size_t i = 1; i < n; i++) ranges[i] = true_range(h[i], l[i], c[i], c[i - 1]);
        last = c[n - 1];
        state = smooth(ranges, n, share, state, out + start);
    }
    return state;
}

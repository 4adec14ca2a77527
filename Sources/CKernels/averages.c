#include "CKernels.h"

#include <string.h>

// Simple averages of whole blocks. One running sum costs what its chain of dependent additions
// costs and leaves the processor idle meanwhile; but a sum begins afresh with each block, so blocks
// need nothing from each other. Four of them run side by side, each in a lane of one vector, and
// two averages at a time.
//
// Averages of one series have their blocks and anchors in common. So the distances are found, and
// turned so that a vector holds one value of every lane, once for all of them, and the sums that
// blocks begin with are those of the shortest averages with older values added. No operation of the
// definition is reordered or left out, so the bits are those of one step after the other.

enum { BLOCK = LOT_AVERAGE_BLOCK, LONGEST = LOT_AVERAGE_LONGEST, LANES = 4 };

// Inlined into a function for each set of instructions, and compiled with those.
#define INLINE static inline __attribute__((always_inline))

// Four numbers in one register; where the processor has no such registers, in several. They are
// handed between inlined functions only, so how they would be passed to others does not matter.
#pragma clang diagnostic ignored "-Wpsabi"
typedef double four __attribute__((vector_size(32)));

// Values of four blocks, turned.
typedef struct {
    // Distances from the anchors, of the values before the blocks and of the blocks' own.
    four *before, *own;
    // By length, the sum with which a block begins.
    four *totals;
    four anchors;
    // Rows from the first block to each; where there are fewer than four, some are there twice.
    const size_t *rows;
} lanes;

// An average under way.
typedef struct {
    const four *leaving;
    double *out;
    four sum, share;
} walk;

INLINE four load_four(const double *from) {
    four values;
    memcpy(&values, from, sizeof values);
    return values;
}

INLINE four spread(double value) { return (four){value, value, value, value}; }

// Rows become columns.
INLINE void turn(four m[LANES]) {
    four a = __builtin_shufflevector(m[0], m[1], 0, 4, 2, 6);
    four b = __builtin_shufflevector(m[0], m[1], 1, 5, 3, 7);
    four c = __builtin_shufflevector(m[2], m[3], 0, 4, 2, 6);
    four d = __builtin_shufflevector(m[2], m[3], 1, 5, 3, 7);
    m[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
    m[1] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
    m[2] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
    m[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
}

// Finds the distances and totals of the lanes; false if a value is not finite.
INLINE bool fill(lanes *l, const double *values, size_t longest) {
    four from[LANES], check = spread(0);
    for (size_t i = 0; i < LANES; i++) {
        from[i] = spread(values[l->rows[i]]);
        l->anchors[i] = values[l->rows[i]];
    }
    for (ptrdiff_t row = l->before - l->own; row < BLOCK; row += LANES) {
        four m[LANES];
        for (size_t i = 0; i < LANES; i++) {
            m[i] = load_four(values + (ptrdiff_t)l->rows[i] + row) - from[i];
            // 0, or NaN from then on.
            check += m[i] - m[i];
        }
        turn(m);
        memcpy(l->own + row, m, sizeof m);
    }
    four total = spread(0);
    for (ptrdiff_t age = 0; age < (ptrdiff_t)longest; age++) {
        total += l->own[-age];
        l->totals[age + 1] = total;
    }
    return check[0] + check[1] + check[2] + check[3] == 0;
}

// Writes rows `row` to `row + 3` of every block; the first row of a block has the sum as it is.
INLINE void write_rows(const lanes *l, ptrdiff_t row, walk *w) {
    four m[LANES];
    for (ptrdiff_t i = 0; i < LANES; i++) {
        if (row + i > 0) w->sum += l->own[row + i] - w->leaving[row + i];
        m[i] = l->anchors + w->sum * w->share;
    }
    turn(m);
    for (size_t i = 0; i < LANES; i++) memcpy(w->out + l->rows[i] + row, &m[i], sizeof m[i]);
}

// Runs `width` averages over the blocks of the lanes.
INLINE void run_averages(const lanes *l, lot_average *averages, size_t width, size_t first_row) {
    walk w[2];
    for (size_t i = 0; i < width; i++) {
        size_t length = averages[i].length;
        w[i] = (walk){l->own - length, averages[i].out + first_row, l->totals[length],
                      spread(1 / (double)length)};
    }
    for (size_t i = 0; i < width; i++) write_rows(l, 0, &w[i]);
    for (ptrdiff_t row = LANES; row < BLOCK; row += LANES)
        for (size_t i = 0; i < width; i++) write_rows(l, row, &w[i]);
    for (size_t i = 0; i < width; i++) averages[i].sum = w[i].sum[LANES - 1];
}

INLINE void run_lanes(const lanes *l, lot_average *averages, size_t count, size_t first_row) {
    size_t i = 0;
    for (; i + 2 <= count; i += 2) run_averages(l, averages + i, 2, first_row);
    if (i < count) run_averages(l, averages + i, 1, first_row);
}

static size_t rounded(size_t length) { return (length + LANES - 1) / LANES * LANES; }

INLINE bool block_averages(const double *values, size_t blocks, lot_average *averages,
                           size_t count) {
    four distances[LONGEST + BLOCK], totals[LONGEST + 1];
    size_t longest = 1;
    for (size_t i = 0; i < count; i++)
        if (averages[i].length > longest) longest = averages[i].length;
    lanes l = {.before = distances, .own = distances + rounded(longest), .totals = totals};
    for (size_t block = 0; block < blocks; block += LANES) {
        size_t first_row = block * BLOCK;
        // A constant distance between blocks is worth a copy of the loops.
        if (block + LANES <= blocks) {
            static const size_t whole[LANES] = {0, BLOCK, 2 * BLOCK, 3 * BLOCK};
            l.rows = whole;
            if (!fill(&l, values + first_row, longest)) return false;
            run_lanes(&l, averages, count, first_row);
        } else {
            size_t some[LANES];
            for (size_t i = 0; i < LANES; i++)
                some[i] = BLOCK * (block + i < blocks ? i : blocks - block - 1);
            l.rows = some;
            if (!fill(&l, values + first_row, longest)) return false;
            run_lanes(&l, averages, count, first_row);
        }
    }
    return true;
}

static bool block_averages_plain(const double *values, size_t blocks, lot_average *averages,
                                 size_t count) {
    return block_averages(values, blocks, averages, count);
}

#if defined(__x86_64__)

__attribute__((target("avx2"))) static bool
block_averages_avx2(const double *values, size_t blocks, lot_average *averages, size_t count) {
    return block_averages(values, blocks, averages, count);
}

bool lot_block_averages(const double *values, size_t blocks, lot_average *averages, size_t count) {
    return __builtin_cpu_supports("avx2")
               ? block_averages_avx2(values, blocks, averages, count)
               : block_averages_plain(values, blocks, averages, count);
}

#else

bool lot_block_averages(const double *values, size_t blocks, lot_average *averages, size_t count) {
    return block_averages_plain(values, blocks, averages, count);
}

#endif

#include "CKernels.h"

#include <string.h>

// The inner loops of running sums. One sum costs what its chain of dependent additions costs, some
// three or four cycles a value, and leaves the processor idle meanwhile. So four sums run side by
// side; all else is done for a block of values at a time, before and behind the chains, where the
// compiler can use vectors. No operation of the definition is reordered or left out, so the bits
// are those of one step after the other.

#define BLOCK 32
#define LANES 4

// Inlined into a function for each set of instructions, and compiled with those.
#define INLINE static inline __attribute__((always_inline))

// Sums of a block of each lane that are not divided yet.
typedef struct {
    double sums[LANES][BLOCK];
    double *out[LANES];
    double anchor[LANES], share[LANES];
    size_t count, values;
} block;

// Numbers that the processor divides at once; where it has no such registers, they are several.
typedef double four __attribute__((vector_size(32)));

INLINE void divide_four(const block *done, size_t lane, size_t i) {
    four sums, means;
    memcpy(&sums, &done->sums[lane][i], sizeof sums);
    means = done->anchor[lane] + sums / done->share[lane];
    memcpy(done->out[lane] + i, &means, sizeof means);
}

INLINE void divide(const block *done) {
    for (size_t l = 0; l < done->count; l++) {
        size_t i = 0;
        for (; i + 4 <= done->values; i += 4) divide_four(done, l, i);
        for (; i < done->values; i++)
            done->out[l][i] = done->anchor[l] + done->sums[l][i] / done->share[l];
    }
}

// Takes the next values of each lane, and divides a block of before: while the sums of one block
// wait for each other, those of the other are divided.
INLINE void run_block(lot_moving *const *lanes, size_t count, size_t values, block *now,
                      const block *before) {
    double sum[LANES];
    for (size_t l = 0; l < count; l++) {
        lot_moving *lane = lanes[l];
        const double *in = lane->entering, *old = lane->leaving;
        const double anchor = lane->anchor;
        for (size_t i = 0; i < values; i++) now->sums[l][i] = (in[i] - anchor) - (old[i] - anchor);
        sum[l] = lane->sum;
        now->out[l] = lane->out;
        now->anchor[l] = anchor;
        now->share[l] = lane->share;
        lane->entering += values;
        lane->leaving += values;
        lane->out += values;
        lane->count -= values;
    }
    now->count = count;
    now->values = values;
    if (count == LANES && values == BLOCK && before->count == LANES && before->values == BLOCK) {
        for (size_t l = 0; l < LANES; l++)
            for (size_t k = 0; k < BLOCK; k += 4) {
                size_t i = l * (BLOCK / LANES) + k / 4;
                for (size_t j = 0; j < LANES; j++) now->sums[j][i] = sum[j] += now->sums[j][i];
                divide_four(before, l, k);
            }
    } else {
        divide(before);
        for (size_t i = 0; i < values; i++)
            for (size_t l = 0; l < count; l++) now->sums[l][i] = sum[l] += now->sums[l][i];
    }
    for (size_t l = 0; l < count; l++) lanes[l]->sum = sum[l];
}

INLINE void moving_sums(lot_moving *stretches, size_t count) {
    lot_moving *lanes[LANES];
    block blocks[2];
    size_t active = 0, next = 0, turn = 0;
    blocks[1].count = 0;
    blocks[1].values = 0;
    for (;; turn = 1 - turn) {
        for (; active < LANES && next < count; next++)
            if (stretches[next].count > 0) lanes[active++] = &stretches[next];
        if (active == 0) break;
        size_t values = BLOCK;
        for (size_t l = 0; l < active; l++)
            if (lanes[l]->count < values) values = lanes[l]->count;
        block *now = &blocks[turn], *before = &blocks[1 - turn];
        if (active == LANES && values == BLOCK) run_block(lanes, LANES, BLOCK, now, before);
        else run_block(lanes, active, values, now, before);
        for (size_t l = active; l-- > 0;)
            if (lanes[l]->count == 0) lanes[l] = lanes[--active];
    }
    divide(&blocks[1 - turn]);
}

void lot_totals(lot_total *totals, size_t count) {
    lot_total *lanes[LANES];
    size_t active = 0, next = 0;
    for (;;) {
        for (; active < LANES && next < count; next++)
            if (totals[next].count > 0) lanes[active++] = &totals[next];
        if (active == 0) return;
        size_t values = lanes[0]->count;
        for (size_t l = 1; l < active; l++)
            if (lanes[l]->count < values) values = lanes[l]->count;
        if (active == LANES) {
            const double *a = lanes[0]->values, *b = lanes[1]->values, *c = lanes[2]->values,
                         *d = lanes[3]->values;
            const double from[LANES] = {lanes[0]->anchor, lanes[1]->anchor, lanes[2]->anchor,
                                        lanes[3]->anchor};
            double sum[LANES] = {lanes[0]->sum, lanes[1]->sum, lanes[2]->sum, lanes[3]->sum};
            for (size_t i = 0; i < values; i++) {
                sum[0] += a[i] - from[0];
                sum[1] += b[i] - from[1];
                sum[2] += c[i] - from[2];
                sum[3] += d[i] - from[3];
            }
            for (size_t l = 0; l < LANES; l++) lanes[l]->sum = sum[l];
        } else {
            for (size_t l = 0; l < active; l++)
                for (size_t i = 0; i < values; i++)
                    lanes[l]->sum += lanes[l]->values[i] - lanes[l]->anchor;
        }
        for (size_t l = active; l-- > 0;) {
            lanes[l]->values += values;
            lanes[l]->count -= values;
            if (lanes[l]->count == 0) lanes[l] = lanes[--active];
        }
    }
}

static void moving_sums_plain(lot_moving *stretches, size_t count) {
    moving_sums(stretches, count);
}

#if defined(__x86_64__)

__attribute__((target("avx2"))) static void moving_sums_avx2(lot_moving *stretches,
                                                             size_t count) {
    moving_sums(stretches, count);
}

void lot_moving_sums(lot_moving *stretches, size_t count) {
    if (__builtin_cpu_supports("avx2")) moving_sums_avx2(stretches, count);
    else moving_sums_plain(stretches, count);
}

#else

void lot_moving_sums(lot_moving *stretches, size_t count) { moving_sums_plain(stretches, count); }

#endif

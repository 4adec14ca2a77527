#include "CKernels.h"

#include <string.h>

// The inner loops of running sums. One sum costs what its chain of dependent additions costs, some
// three or four cycles a value, and leaves the processor idle meanwhile. So four sums run side by
// side, each in a lane of one vector: four values of each lane are read, turned so that a vector
// holds one value of every lane, added and divided, and turned back. No operation of the definition
// is reordered or left out, so the bits are those of one step after the other.

#define LANES 4

// Inlined into a function for each set of instructions, and compiled with those.
#define INLINE static inline __attribute__((always_inline))

// Four numbers in one register; where the processor has no such registers, in several. They are
// handed between inlined functions only, so how they would be passed to others does not matter.
#pragma clang diagnostic ignored "-Wpsabi"
typedef double four __attribute__((vector_size(32)));

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

// Takes the next `count` values of each lane, a multiple of four.
INLINE void run_lanes(lot_moving *const lanes[LANES], size_t count) {
    const double *in[LANES], *old[LANES];
    double *out[LANES];
    four anchors, shares, sums, from[LANES];
    for (size_t l = 0; l < LANES; l++) {
        const lot_moving *lane = lanes[l];
        in[l] = lane->entering;
        old[l] = lane->leaving;
        out[l] = lane->out;
        anchors[l] = lane->anchor;
        shares[l] = lane->share;
        sums[l] = lane->sum;
        from[l] = spread(lane->anchor);
    }
    for (size_t i = 0; i < count; i += LANES) {
        four m[LANES];
        for (size_t l = 0; l < LANES; l++)
            m[l] = (load_four(in[l] + i) - from[l]) - (load_four(old[l] + i) - from[l]);
        turn(m);
        for (size_t k = 0; k < LANES; k++) {
            sums += m[k];
            m[k] = anchors + sums / shares;
        }
        turn(m);
        for (size_t l = 0; l < LANES; l++) memcpy(out[l] + i, &m[l], sizeof m[l]);
    }
    for (size_t l = 0; l < LANES; l++) lanes[l]->sum = sums[l];
}

// Moves a stretch on; fewer values than a vector holds are taken one by one.
INLINE void pass(lot_moving *lane, size_t count) {
    lane->entering += count;
    lane->leaving += count;
    lane->out += count;
    lane->count -= count;
    if (lane->count >= LANES) return;
    for (; lane->count > 0; lane->count--) {
        lane->sum += (*lane->entering++ - lane->anchor) - (*lane->leaving++ - lane->anchor);
        *lane->out++ = lane->anchor + lane->sum / lane->share;
    }
}

INLINE void moving_sums(lot_moving *stretches, size_t count) {
    lot_moving *lanes[LANES];
    size_t active = 0, next = 0;
    for (;;) {
        for (; active < LANES && next < count; next++) {
            pass(&stretches[next], 0);
            if (stretches[next].count > 0) lanes[active++] = &stretches[next];
        }
        if (active == 0) return;
        size_t values = lanes[0]->count;
        for (size_t l = 1; l < active; l++)
            if (lanes[l]->count < values) values = lanes[l]->count;
        values -= values % LANES;
        // The last ones are fewer than lanes: the others do what the first does, to the same bits.
        for (size_t l = active; l < LANES; l++) lanes[l] = lanes[0];
        run_lanes(lanes, values);
        for (size_t l = active; l-- > 0;) {
            pass(lanes[l], values);
            if (lanes[l]->count == 0) lanes[l] = lanes[--active];
        }
    }
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

#include "CKernels.h"

// Sharpe ratios of many trials over many sets of blocks, from block sums.
//
// A set of blocks is a part of the first half of all blocks and a part of the second: with the
// sums of all parts of both halves at hand (2 * 256 of them for 16 blocks, not 12,870), a set's sum
// is one addition. Trials go LANES at a time, so that those sums stay in the cache. Each lane does
// what it would do alone: any set of instructions gives the same bits.

#define LANES 32
#define BLOCKS 16
#define PARTS (1 << BLOCKS / 2)

// Inlined into a function for each set of instructions, and compiled with those.
#define INLINE static inline __attribute__((always_inline))

// Sums of returns and of their squares over a part of a half, for each lane.
typedef struct {
    double sums[LANES], squares[LANES];
} part;

_Static_assert(2 * PARTS * sizeof(part) == LOT_SPLIT_SCRATCH * sizeof(double), "scratch");

// sum * |sum| / square orders trials as the Sharpe ratio over the same days does, without roots.
// Returns that do not vary have none: 0.
INLINE double score(double sum, double square, double limit) {
    double power = sum * sum;
    double value = __builtin_copysign(power / square, sum);
    return power < limit * square ? value : 0;
}

// The sums of every part of a half: each adds its last block to the part without it.
INLINE void add_parts(double rows[2 * BLOCKS][LANES], size_t blocks, size_t first, part *parts) {
    for (size_t i = 0; i < LANES; i++) parts[0].sums[i] = parts[0].squares[i] = 0;
    for (size_t m = 1; m < (size_t)1 << blocks / 2; m++) {
        size_t last = (size_t)(63 - __builtin_clzll(m));
        const part *rest = parts + (m & ~((size_t)1 << last));
        const double *sums = rows[first + last], *squares = rows[blocks + first + last];
        for (size_t i = 0; i < LANES; i++) {
            parts[m].sums[i] = rest->sums[i] + sums[i];
            parts[m].squares[i] = rest->squares[i] + squares[i];
        }
    }
}

INLINE void load_tile(const double *sums, size_t first, size_t count, size_t blocks, part *parts) {
    double rows[2 * BLOCKS][LANES] = {{0}};
    for (size_t i = 0; i < count; i++)
        for (size_t row = 0; row < 2 * blocks; row++)
            rows[row][i] = sums[(first + i) * 2 * blocks + row];
    add_parts(rows, blocks, 0, parts);
    add_parts(rows, blocks, blocks / 2, parts + PARTS);
}

INLINE void score_tile(const part *left, const part *right, size_t count, double limit,
                       double *scores) {
    for (size_t i = 0; i < count; i++)
        scores[i] = score(left->sums[i] + right->sums[i], left->squares[i] + right->squares[i],
                          limit);
}

INLINE void best_tile(const part *parts, const lot_splits *splits, size_t first, size_t count,
                      double *best, uint32_t *winner) {
    double scores[LANES];
    size_t half = splits->blocks / 2;
    for (size_t split = 0; split < splits->count; split++) {
        size_t mask = splits->masks[split];
        score_tile(parts + (mask & (((size_t)1 << half) - 1)), parts + PARTS + (mask >> half),
                   count, splits->limits[split], scores);
        double top = best[split];
        int64_t above = 0;
        for (size_t i = 0; i < count; i++) above += scores[i] > top;
        if (above == 0) continue;
        for (size_t i = 0; i < count; i++)
            if (scores[i] > best[split]) {
                best[split] = scores[i];
                winner[split] = (uint32_t)(first + i);
            }
    }
}

INLINE void rank_tile(const part *parts, const lot_splits *splits, size_t count,
                      const double *targets, uint32_t *below, uint32_t *equal) {
    double scores[LANES];
    size_t half = splits->blocks / 2;
    for (size_t split = 0; split < splits->count; split++) {
        size_t mask = splits->masks[split];
        score_tile(parts + (mask & (((size_t)1 << half) - 1)), parts + PARTS + (mask >> half),
                   count, splits->limits[split], scores);
        double target = targets[split];
        int64_t less = 0, same = 0;
        for (size_t i = 0; i < count; i++) {
            less += scores[i] < target;
            same += scores[i] == target;
        }
        below[split] += (uint32_t)less;
        equal[split] += (uint32_t)same;
    }
}

// A whole tile's loops have a length that the compiler knows.
#define PASSES(suffix, attributes)                                                                 \
    attributes static void best_##suffix(const double *sums, size_t first, size_t count,           \
                                         const lot_splits *splits, part *parts, double *best,      \
                                         uint32_t *winner) {                                       \
        for (size_t done = 0; done < count; done += LANES) {                                       \
            size_t tile = count - done < LANES ? count - done : LANES;                             \
            load_tile(sums, first + done, tile, splits->blocks, parts);                            \
            if (tile == LANES)                                                                     \
                best_tile(parts, splits, first + done, LANES, best, winner);                       \
            else                                                                                   \
                best_tile(parts, splits, first + done, tile, best, winner);                        \
        }                                                                                          \
    }                                                                                              \
    attributes static void rank_##suffix(const double *sums, size_t first, size_t count,           \
                                         const lot_splits *splits, part *parts,                    \
                                         const double *targets, uint32_t *below,                   \
                                         uint32_t *equal) {                                        \
        for (size_t done = 0; done < count; done += LANES) {                                       \
            size_t tile = count - done < LANES ? count - done : LANES;                             \
            load_tile(sums, first + done, tile, splits->blocks, parts);                            \
            if (tile == LANES)                                                                     \
                rank_tile(parts, splits, LANES, targets, below, equal);                            \
            else                                                                                   \
                rank_tile(parts, splits, tile, targets, below, equal);                             \
        }                                                                                          \
    }

PASSES(plain, )

#if defined(__x86_64__)
PASSES(avx2, __attribute__((target("avx2"))))
PASSES(avx512, __attribute__((target("avx512f,avx512vl,avx512dq"))))
#define CHOOSE(name, ...)                                                                          \
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&                 \
        __builtin_cpu_supports("avx512dq"))                                                        \
        name##_avx512(__VA_ARGS__);                                                                \
    else if (__builtin_cpu_supports("avx2"))                                                       \
        name##_avx2(__VA_ARGS__);                                                                  \
    else                                                                                           \
        name##_plain(__VA_ARGS__)
#else
#define CHOOSE(name, ...) name##_plain(__VA_ARGS__)
#endif

void lot_split_best(const double *sums, size_t first, size_t count, const lot_splits *splits,
                    double *scratch, double *best, uint32_t *winner) {
    CHOOSE(best, sums, first, count, splits, (part *)scratch, best, winner);
}

void lot_split_rank(const double *sums, size_t first, size_t count, const lot_splits *splits,
                    double *scratch, const double *targets, uint32_t *below, uint32_t *equal) {
    CHOOSE(rank, sums, first, count, splits, (part *)scratch, targets, below, equal);
}

double lot_split_score(double sum, double square, double limit) {
    return score(sum, square, limit);
}

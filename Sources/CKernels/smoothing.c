#include "CKernels.h"

#include <float.h>
#include <string.h>

// Averages that forget by a fixed share each step. No operation of the definitions is reordered or
// left out, so the bits are those of one step after the other.
//
// A chain of dependent operations leaves the processor idle, so stretches run side by side. Only
// the first knows its state; the others guess it: an average forgets where it began, so after some
// values it is, bit by bit, the one that began elsewhere. Whether it is shows when the stretch
// before ends; a stretch that guessed wrong is computed again.
//
// A guess is the weighted sum that the average is, added up in GROUP parts side by side: right but
// for its last bits. Each step that follows lets two averages one bit apart meet with a chance of
// `weight`; after MEETING / weight steps one guess in thousands has not met what it stands for.

#define TILE 4096
#define LANES 8
#define GROUP 16
#define MEETING 10
// Lanes that are so many bytes apart would share one set of the first-level cache.
#define CACHE_WAY 4096

// Inlined into a function for each set of instructions, and compiled with those.
#define INLINE static inline __attribute__((always_inline))

// Two numbers that the processor works on at once.
typedef double pair __attribute__((vector_size(16)));

#define STEP(state, value) ((state) = ((value) - (state)) * weight + (state))

// While lanes compute, memory is idle: `next` are the columns that the tile after this one reads.
#define SMOOTH(name, number)                                                                       \
    INLINE number name##_steps(const number *values, size_t count, double weight, number state,    \
                               number *out) {                                                      \
        for (size_t i = 0; i < count; i++) out[i] = STEP(state, values[i]);                        \
        return state;                                                                              \
    }                                                                                              \
    INLINE void name##_guess(const number *values, size_t length, size_t before, double weight,    \
                             number state, number *states) {                                       \
        double powers[GROUP], power = weight;                                                      \
        for (size_t k = GROUP; k-- > 0; power *= 1 - weight) powers[k] = power;                    \
        const double fade = power / weight;                                                        \
        number parts[GROUP] = {0};                                                                 \
        parts[GROUP - 1] = state / weight;                                                         \
        for (size_t lane = 1, i = 0; lane < LANES; lane++) {                                       \
            for (; i < lane * length - before; i += GROUP)                                         \
                for (size_t k = 0; k < GROUP; k++) parts[k] = parts[k] * fade + values[i + k];     \
            states[lane] = parts[0] * powers[0];                                                   \
            for (size_t k = 1; k < GROUP; k++) states[lane] += parts[k] * powers[k];               \
        }                                                                                          \
    }                                                                                              \
    INLINE number name(const number *values, size_t count, double weight, number state,            \
                       const double *const *next, size_t columns, number *out) {                   \
        size_t length = count / LANES / GROUP * GROUP;                                             \
        if (length > 0 && length * sizeof(number) % CACHE_WAY == 0) length -= GROUP;               \
        double memory = MEETING / weight + GROUP;                                                  \
        if (!(memory < (double)length))                                                            \
            return name##_steps(values, count, weight, state, out);                                \
        size_t before = (size_t)memory / GROUP * GROUP;                                            \
        number states[LANES], starts[LANES];                                                       \
        name##_guess(values, length, before, weight, state, states);                               \
        for (const number *from = values + length - before; from < values + length; from++)        \
            for (size_t lane = 1; lane < LANES; lane++)                                            \
                STEP(states[lane], from[(lane - 1) * length]);                                     \
        states[0] = state;                                                                         \
        memcpy(starts, states, sizeof starts);                                                     \
        for (size_t i = 0; i < length; i++) {                                                      \
            for (size_t c = 0; c < columns; c++) __builtin_prefetch(next[c] + i * LANES, 0, 2);    \
            for (size_t lane = 0; lane < LANES; lane++)                                            \
                out[lane * length + i] = STEP(states[lane], values[lane * length + i]);            \
        }                                                                                          \
        state = states[0];                                                                         \
        for (size_t lane = 1; lane < LANES; lane++) {                                              \
            size_t at = lane * length;                                                             \
            if (memcmp(&state, &starts[lane], sizeof state) == 0) state = states[lane];            \
            else state = name##_steps(values + at, length, weight, state, out + at);               \
        }                                                                                          \
        size_t done = LANES * length;                                                              \
        return name##_steps(values + done, count - done, weight, state, out + done);               \
    }

SMOOTH(smooth, double)
SMOOTH(smooth_pairs, pair)

INLINE double exponential(const double *values, size_t count, double weight, double state,
                          double *out) {
    for (size_t start = 0; start < count; start += TILE) {
        size_t n = count - start < TILE ? count - start : TILE;
        const double *next[] = {values + start + n};
        state = smooth(values + start, n, weight, state, next, 1, out + start);
    }
    return state;
}

// Writes gains and losses as pairs; `before` is the value before the first.
INLINE void put_changes(const double *values, size_t count, double before, double *pairs) {
    for (size_t i = 0; i < count; i++) {
        double change = values[i] - (i == 0 ? before : values[i - 1]);
        double size = __builtin_fabs(change);
        pairs[2 * i] = (size + change) * 0.5;
        pairs[2 * i + 1] = (size - change) * 0.5;
    }
}

// Writes shares of gains in all changes; returns whether one of these sums was not finite.
INLINE bool put_shares(const double *pairs, size_t count, double *out) {
    bool overflows = false;
    for (size_t i = 0; i < count; i++) {
        double total = pairs[2 * i] + pairs[2 * i + 1];
        double share = 100 * (pairs[2 * i] / total);
        overflows |= !(total <= DBL_MAX);
        out[i] = total > 0 ? share : 0;
    }
    return overflows;
}

INLINE bool relative_strength(const double *values, size_t count, double share, double last,
                              double *gain, double *loss, double *out) {
    pair changes[TILE], smoothed[TILE];
    pair state = {*gain, *loss};
    bool overflows = false;
    for (size_t start = 0; start < count; start += TILE) {
        size_t n = count - start < TILE ? count - start : TILE;
        const double *now = values + start, *next[] = {now + n};
        put_changes(now, n, last, (double *)changes);
        last = now[n - 1];
        state = smooth_pairs(changes, n, share, state, next, 1, smoothed);
        overflows |= put_shares((const double *)smoothed, n, out + start);
    }
    *gain = state[0];
    *loss = state[1];
    return !overflows;
}

// Not a number if a price is not finite, whatever the comparisons passed over.
INLINE double true_range(double high, double low, double close, double before) {
    double top = high > before ? high : before;
    double bottom = low < before ? low : before;
    return top - bottom + (high - low + close) * 0;
}

INLINE double true_range_average(const double *high, const double *low, const double *close,
                                 size_t count, double share, double last, double state,
                                 double *out) {
    double ranges[TILE];
    for (size_t start = 0; start < count; start += TILE) {
        size_t n = count - start < TILE ? count - start : TILE;
        const double *h = high + start, *l = low + start, *c = close + start;
        const double *next[] = {h + n, l + n, c + n};
        ranges[0] = true_range(h[0], l[0], c[0], last);
        for (size_t i = 1; i < n; i++) ranges[i] = true_range(h[i], l[i], c[i], c[i - 1]);
        last = c[n - 1];
        state = smooth(ranges, n, share, state, next, 3, out + start);
    }
    return state;
}

#define VERSIONS(suffix, target)                                                                   \
    target static double exponential##suffix(const double *values, size_t count, double weight,    \
                                             double state, double *out) {                          \
        return exponential(values, count, weight, state, out);                                     \
    }                                                                                              \
    target static bool relative_strength##suffix(                                                  \
        const double *values, size_t count, double share, double last, double *gain, double *loss, \
        double *out) {                                                                             \
        return relative_strength(values, count, share, last, gain, loss, out);                     \
    }                                                                                              \
    target static double true_range_average##suffix(                                               \
        const double *high, const double *low, const double *close, size_t count, double share,    \
        double last, double state, double *out) {                                                  \
        return true_range_average(high, low, close, count, share, last, state, out);               \
    }

VERSIONS(_plain, )

#if defined(__x86_64__)

VERSIONS(_avx2, __attribute__((target("avx2"))))
VERSIONS(_avx512, __attribute__((target("avx512f,avx512vl,avx512dq"))))

#define FASTEST(name, ...)                                                                         \
    (__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")                      \
         ? name##_avx512(__VA_ARGS__)                                                              \
     : __builtin_cpu_supports("avx2") ? name##_avx2(__VA_ARGS__)                                   \
                                      : name##_plain(__VA_ARGS__))

#else

#define FASTEST(name, ...) name##_plain(__VA_ARGS__)

#endif

double lot_exponential(const double *values, size_t count, double weight, double state,
                       double *out) {
    return FASTEST(exponential, values, count, weight, state, out);
}

bool lot_relative_strength(const double *values, size_t count, double share, double last,
                           double *gain, double *loss, double *out) {
    return FASTEST(relative_strength, values, count, share, last, gain, loss, out);
}

double lot_true_range_average(const double *high, const double *low, const double *close,
                              size_t count, double share, double last, double state,
                              double *out) {
    return FASTEST(true_range_average, high, low, close, count, share, last, state, out);
}

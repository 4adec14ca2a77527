#include "CKernels.h"

#include <float.h>
#include <string.h>

// Averages that forget by a fixed share each step. No operation of the definitions is reordered or
// left out, so the bits are those of one step after the other.
//
// A chain of dependent operations leaves the processor idle, so stretches run side by side. Only
// the first knows its state; the others guess it: an average forgets where it began, so after some
// values it is, bit by bit, the one that began elsewhere. Every stretch therefore begins inside the
// one before it, which overwrites the values of these first steps with its own. Where it ends, it
// takes one step more: if that gives what stands there, so do all that follow; if not, they are
// computed again until they meet.
//
// A guess is the weighted sum that the average is, added up in GROUP parts side by side: right but
// for its last bits. Each step that follows lets two averages one bit apart meet with a chance of
// `weight`: after MEETING / weight steps most have met, and one that has not takes some
// 1 / weight steps of the repair.

#define TILE 2048
#define LANES 8
#define GROUP 16
#define MEETING 3

// Inlined into a function for each set of instructions, and compiled with those.
#define INLINE static inline __attribute__((always_inline))

// Numbers that the processor works on at once; where it has no such registers, they are several.
typedef double two __attribute__((vector_size(16)));
typedef double four __attribute__((vector_size(32)));

#define PICK __builtin_shufflevector
#define STEP(state, value) ((state) = ((value) - (state)) * weight + (state))

// The columns that the tile after this one reads: while lanes compute, memory is idle.
typedef struct {
    const double *columns[3];
    size_t count;
} upcoming;

INLINE double run(const double *values, size_t count, double weight, double state, double *out) {
    for (size_t i = 0; i < count; i++) out[i] = STEP(state, values[i]);
    return state;
}

// Guesses the states of the lanes after the first, each `stride` values after the one before.
INLINE void guess(const double *values, size_t stride, double weight, double *states) {
    double faded[GROUP], power = weight;
    for (size_t k = GROUP; k-- > 0; power *= 1 - weight) faded[k] = power;
    const double fade = power / weight;
    four weights[GROUP / 4], parts[GROUP / 4] = {0}, now;
    memcpy(weights, faded, sizeof weights);
    parts[GROUP / 4 - 1][3] = states[0] / weight;
    for (size_t lane = 1, i = 0; lane < LANES; lane++) {
        for (; i + GROUP <= lane * stride; i += GROUP)
            for (size_t k = 0; k < GROUP / 4; k++) {
                memcpy(&now, values + i + 4 * k, sizeof now);
                parts[k] = parts[k] * fade + now;
            }
        four sum = parts[0] * weights[0];
        for (size_t k = 1; k < GROUP / 4; k++) sum += parts[k] * weights[k];
        // What is left of the stride is no whole group.
        size_t rest = lane * stride - i;
        if (rest > 0) sum *= faded[GROUP - 1 - rest] / weight;
        for (size_t k = 0; k < rest; k += 4) {
            four share;
            memcpy(&now, values + i + k, sizeof now);
            memcpy(&share, faded + GROUP - rest + k, sizeof share);
            sum += now * share;
        }
        states[lane] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    }
}

// Takes two steps in each of four lanes.
INLINE void run_four(const double *values, size_t stride, double weight, four *state, double *out) {
    two a, b, c, d;
    memcpy(&a, values, sizeof a);
    memcpy(&b, values + stride, sizeof b);
    memcpy(&c, values + 2 * stride, sizeof c);
    memcpy(&d, values + 3 * stride, sizeof d);
    four even = PICK(a, c, 0, 1, 2, 3), odd = PICK(b, d, 0, 1, 2, 3);
    four first = PICK(even, odd, 0, 4, 2, 6), second = PICK(even, odd, 1, 5, 3, 7);
    first = STEP(*state, first);
    second = STEP(*state, second);
    even = PICK(first, second, 0, 4, 2, 6);
    odd = PICK(first, second, 1, 5, 3, 7);
    a = PICK(even, even, 0, 1);
    b = PICK(odd, odd, 0, 1);
    c = PICK(even, even, 2, 3);
    d = PICK(odd, odd, 2, 3);
    memcpy(out, &a, sizeof a);
    memcpy(out + stride, &b, sizeof b);
    memcpy(out + 2 * stride, &c, sizeof c);
    memcpy(out + 3 * stride, &d, sizeof d);
}

// Joins lanes that have run `length` steps each: returns the last state.
INLINE double join(const double *values, size_t stride, size_t length, double weight,
                   const double *states, double *out) {
    double state = states[0];
    for (size_t lane = 1; lane < LANES; lane++) {
        size_t i = (lane - 1) * stride + length, end = i + stride;
        for (; i < end; i++) {
            STEP(state, values[i]);
            if (memcmp(&state, &out[i], sizeof state) == 0) break;
            out[i] = state;
        }
        if (i < end) state = states[lane];
    }
    return state;
}

// Smooths one or two columns of at most TILE values, both with one weight.
INLINE void smooth(size_t columns, const double *const *values, size_t count, double weight,
                   double *state, const upcoming *next, double *const *out) {
    size_t whole = count / 4 * 4, stride = 0;
    double memory = MEETING / weight + 1;
    if (memory < (double)(whole / 2)) stride = (whole - (size_t)memory) / LANES / 4 * 4;
    if (stride < GROUP) {
        for (size_t c = 0; c < columns; c++)
            state[c] = run(values[c], count, weight, state[c], out[c]);
        return;
    }
    size_t length = whole - (LANES - 1) * stride;
    double states[2][LANES];
    four lanes[2][LANES / 4];
    for (size_t c = 0; c < columns; c++) {
        states[c][0] = state[c];
        guess(values[c], stride, weight, states[c]);
        memcpy(lanes[c], states[c], sizeof lanes[c]);
    }
    for (size_t i = 0; i < length; i += 2)
        for (size_t lane = 0; lane < LANES; lane += 4) {
            for (size_t k = 0; k < next->count; k++)
                __builtin_prefetch(next->columns[k] + i * LANES + lane * 2, 0, 2);
            for (size_t c = 0; c < columns; c++)
                run_four(values[c] + lane * stride + i, stride, weight, &lanes[c][lane / 4],
                         out[c] + lane * stride + i);
        }
    for (size_t c = 0; c < columns; c++) {
        memcpy(states[c], lanes[c], sizeof lanes[c]);
        state[c] = join(values[c], stride, length, weight, states[c], out[c]);
        state[c] = run(values[c] + whole, count - whole, weight, state[c], out[c] + whole);
    }
}

INLINE double exponential(const double *values, size_t count, double weight, double state,
                          double *out) {
    for (size_t start = 0; start < count; start += TILE) {
        size_t n = count - start < TILE ? count - start : TILE;
        const double *now = values + start;
        double *to = out + start;
        const upcoming next = {{now + n}, 1};
        smooth(1, &now, n, weight, &state, &next, &to);
    }
    return state;
}

// Averages of one column by two weights, their difference, its average, and what is between these.
INLINE void convergence(double (*average)(const double *, size_t, double, double, double *),
                        const double *values, size_t count, const lot_convergence_averages *weights,
                        lot_convergence_averages *states, double *line, double *signal,
                        double *rest) {
    double fast[TILE];
    for (size_t start = 0; start < count; start += TILE) {
        size_t n = count - start < TILE ? count - start : TILE;
        double *a = line + start, *b = signal + start, *c = rest + start;
        states->fast = average(values + start, n, weights->fast, states->fast, fast);
        states->slow = average(values + start, n, weights->slow, states->slow, a);
        for (size_t i = 0; i < n; i++) a[i] = fast[i] - a[i];
        states->signal = average(a, n, weights->signal, states->signal, b);
        for (size_t i = 0; i < n; i++) c[i] = a[i] - b[i];
    }
}

// Writes gains and losses; `before` is the value before the first.
INLINE void put_changes(const double *values, size_t count, double before, double *gains,
                        double *losses) {
    for (size_t i = 0; i < count; i++) {
        double change = values[i] - (i == 0 ? before : values[i - 1]);
        double size = __builtin_fabs(change);
        gains[i] = (size + change) * 0.5;
        losses[i] = (size - change) * 0.5;
    }
}

// Writes shares of gains in all changes; returns whether one of these sums was not finite.
INLINE bool put_shares(const double *gains, const double *losses, size_t count, double *out) {
    bool overflows = false;
    for (size_t i = 0; i < count; i++) {
        double total = gains[i] + losses[i];
        double share = 100 * (gains[i] / total);
        overflows |= !(total <= DBL_MAX);
        out[i] = total > 0 ? share : 0;
    }
    return overflows;
}

INLINE bool relative_strength(const double *values, size_t count, double share, double last,
                              double *gain, double *loss, double *out) {
    double changes[2][TILE], averages[2][TILE], state[] = {*gain, *loss};
    const double *const from[] = {changes[0], changes[1]};
    double *const to[] = {averages[0], averages[1]};
    bool overflows = false;
    for (size_t start = 0; start < count; start += TILE) {
        size_t n = count - start < TILE ? count - start : TILE;
        const double *now = values + start;
        const upcoming next = {{now + n}, 1};
        put_changes(now, n, last, changes[0], changes[1]);
        last = now[n - 1];
        smooth(2, from, n, share, state, &next, to);
        overflows |= put_shares(averages[0], averages[1], n, out + start);
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
    const double *const from = ranges;
    for (size_t start = 0; start < count; start += TILE) {
        size_t n = count - start < TILE ? count - start : TILE;
        const double *h = high + start, *l = low + start, *c = close + start;
        const upcoming next = {{h + n, l + n, c + n}, 3};
        ranges[0] = true_range(h[0], l[0], c[0], last);
        for (size_t i = 1; i < n; i++) ranges[i] = true_range(h[i], l[i], c[i], c[i - 1]);
        last = c[n - 1];
        double *to = out + start;
        smooth(1, &from, n, share, &state, &next, &to);
    }
    return state;
}

#define VERSIONS(suffix, target)                                                                   \
    target static double exponential##suffix(const double *values, size_t count, double weight,    \
                                             double state, double *out) {                          \
        return exponential(values, count, weight, state, out);                                     \
    }                                                                                              \
    target static void convergence##suffix(                                                        \
        const double *values, size_t count, const lot_convergence_averages *weights,               \
        lot_convergence_averages *states, double *line, double *signal, double *rest) {            \
        convergence(exponential##suffix, values, count, weights, states, line, signal, rest);      \
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

#define FASTEST(name, ...)                                                                         \
    (__builtin_cpu_supports("avx2") ? name##_avx2(__VA_ARGS__) : name##_plain(__VA_ARGS__))

#else

#define FASTEST(name, ...) name##_plain(__VA_ARGS__)

#endif

double lot_exponential(const double *values, size_t count, double weight, double state,
                       double *out) {
    return FASTEST(exponential, values, count, weight, state, out);
}

void lot_convergence(const double *values, size_t count, lot_convergence_averages weights,
                     lot_convergence_averages *states, double *line, double *signal,
                     double *rest) {
    FASTEST(convergence, values, count, &weights, states, line, signal, rest);
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

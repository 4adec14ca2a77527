#ifndef LOT_CKERNELS_H
#define LOT_CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Compares two columns row by row and writes a bit for each row.
///
/// Bit `i % 64` of word `i / 64` of `not_above` says a[i] <= b[i], that of `not_below` says
/// a[i] >= b[i]; where either number is NaN both bits are 0. The bits of the last word beyond
/// `count` are 0. Writes (count + 63) / 64 words to each.
void lot_compare(const double *a, const double *b, size_t count, uint64_t *not_above,
                 uint64_t *not_below);

/// Does the same as `lot_compare` in plain C: what tests hold the fast versions against.
void lot_compare_plain(const double *a, const double *b, size_t count, uint64_t *not_above,
                       uint64_t *not_below);

/// Reads a byte of every cache line, so that the caches have them.
///
/// A prefetch would not wait, but a processor may drop it, and does where the page is not among
/// those that it knows.
void lot_touch(const void *start, size_t bytes);

/// Rows after which the sum of a simple average is added up afresh.
#define LOT_AVERAGE_BLOCK 512

/// Values of the longest average that has its blocks in common with others: what blocks cost grows
/// with the longest. A multiple of 4.
#define LOT_AVERAGE_LONGEST 1024

/// A simple average: out[i] = anchor + sum / length, in each block from the first value as the
/// anchor; at the block's first row the sum is that of the last `length` distances, the newest
/// first, and then sum += (values[i] - anchor) - (values[i - length] - anchor).
typedef struct {
    size_t length;
    /// Of the first block; overlaps no input.
    double *out;
    /// After the last value.
    double sum;
} lot_average;

/// Computes averages of `blocks` whole blocks.
///
/// As many values before the first block as the longest average has, rounded up to a multiple of
/// 4, are there to be read; none is longer than LOT_AVERAGE_LONGEST. Returns false if one of the
/// values read is not finite; what was written then means nothing.
bool lot_block_averages(const double *values, size_t blocks, lot_average *averages, size_t count);

/// Writes out[i] = state after state = (values[i] - state) * weight + state; returns the last.
/// `out` does not overlap `values`.
double lot_exponential(const double *values, size_t count, double weight, double state,
                       double *out);

/// A number for each average of `lot_convergence`.
typedef struct {
    double fast, slow, signal;
} lot_convergence_averages;

/// Writes line[i] = a fast average of the values minus a slow one, signal[i] = the line's average,
/// rest[i] = line[i] - signal[i]. Weights and states are as in `lot_exponential`; the states become
/// the last. No column overlaps another. A value or a line that is not finite leaves a state that
/// is not.
void lot_convergence(const double *values, size_t count, lot_convergence_averages weights,
                     lot_convergence_averages *states, double *line, double *signal,
                     double *rest);

/// Smooths gains and losses from value to value and writes 100 * gain / (gain + loss), or 0 where
/// there is neither. `last` is the value before the first; count is at least 1. Returns whether
/// every gain + loss was finite.
bool lot_relative_strength(const double *values, size_t count, double share, double last,
                           double *gain, double *loss, double *out);

/// Smooths true ranges from bar to bar; `last` is the close before the first bar; count is at
/// least 1. Returns the last average.
double lot_true_range_average(const double *high, const double *low, const double *close,
                              size_t count, double share, double last, double state,
                              double *out);

/// Sets of blocks of days, half of all blocks each: bit b of a mask says that block b is in it.
typedef struct {
    /// Blocks: even, 2 to 16.
    size_t blocks;
    size_t count;
    const uint16_t *masks;
    /// Of each set: its days, less the little that rounding takes (see `lot_split_score`).
    const double *limits;
} lot_splits;

/// Doubles of memory that the passes below work in.
#define LOT_SPLIT_SCRATCH 32768

/// What trials are compared by over one set of blocks: sum * |sum| / square, which orders them as
/// their Sharpe ratios do; 0 where the returns do not vary, sum * sum >= limit * square.
double lot_split_score(double sum, double square, double limit);

/// Finds the trial with the largest score of each set among the trials first..<first + count.
///
/// `sums` has, for each trial, the sum of returns of each block, then the sum of their squares.
/// A trial replaces `best` and `winner` of a set only with a larger score: of equals, the first
/// stays. Every set's sums are those of its first half of blocks, in order, plus those of its
/// second.
void lot_split_best(const double *sums, size_t first, size_t count, const lot_splits *splits,
                    double *scratch, double *best, uint32_t *winner);

/// Adds to `below` and `equal`, for each set, how many of the trials first..<first + count have a
/// score below, or equal to, that set's target.
void lot_split_rank(const double *sums, size_t first, size_t count, const lot_splits *splits,
                    double *scratch, const double *targets, uint32_t *below, uint32_t *equal);

/// Finds the lowest of `low` and the highest of `high`; infinite and -infinite for no value.
void lot_range(const double *low, const double *high, size_t count, double *lowest,
               double *highest);

/// Values of a block of `lot_block_ranges`.
#define LOT_BLOCK 16

/// Finds the lowest and the highest of each LOT_BLOCK values; the last block may have fewer.
void lot_block_ranges(const double *values, size_t count, double *lowest, double *highest);

#endif

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

/// Moves a running sum of distances from `anchor` over `count` values and writes the means.
///
/// out[i] = anchor + sum / share after sum += (entering[i] - anchor) - (leaving[i] - anchor).
/// `out` overlaps neither input. Returns the last sum: finite if every value on the way was.
double lot_moving_sum(const double *entering, const double *leaving, size_t count, double anchor,
                      double sum, double share, double *out);

/// Writes out[i] = state after state = (values[i] - state) * weight + state; returns the last.
/// `out` does not overlap `values`.
double lot_exponential(const double *values, size_t count, double weight, double state,
                       double *out);

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

/// Finds the lowest of `low` and the highest of `high`; infinite and -infinite for no value.
void lot_range(const double *low, const double *high, size_t count, double *lowest,
               double *highest);

#endif

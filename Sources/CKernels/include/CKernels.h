#ifndef LOT_CKERNELS_H
#define LOT_CKERNELS_H

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

#endif

#ifndef LOT_CBENCH_H
#define LOT_CBENCH_H

#include <stddef.h>

/// A sweep of moving-average crossings with nothing but the least: what the machine allows.
///
/// For each set the averages of lengths[fast[s]] and lengths[slow[s]] values; in at the open after
/// an upward crossing, out at the open after a downward one, a fee of 0.1 % and 2 basis points of
/// slippage a side, all in. No steps, no orders, no statistics. `equity` gets each set's end.
/// Returns the number of trades, or -1 without memory.
long lot_bench_floor(const double *open, const double *close, size_t rows, const int *lengths,
                     int length_count, const int *fast, const int *slow, int sets, double *equity);

/// Adds up numbers as fast as they come.
double lot_bench_sum(const double *values, size_t count);

/// Memory for `count` numbers, each written once; null where there is none. It goes back to the
/// system with lot_bench_release, whatever the heap keeps.
double *lot_bench_fresh(size_t count);
void lot_bench_release(double *values, size_t count);

#endif

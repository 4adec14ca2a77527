#include "include/CBench.h"

#include <CKernels.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { TILE = 2048, WORDS = TILE / 64 };

typedef struct {
    double cash, quantity;
    int carry_above, carry_below, pending;
} account;

long lot_bench_floor(const double *open, const double *close, size_t rows, const int *lengths,
                     int length_count, const int *fast, const int *slow, int sets, double *equity) {
    double(*means)[TILE] = malloc((size_t)length_count * sizeof *means);
    double *sums = calloc((size_t)length_count, sizeof *sums);
    account *accounts = calloc((size_t)sets, sizeof *accounts);
    if (!means || !sums || !accounts) return -1;
    int longest = 0;
    for (int i = 0; i < length_count; i++) longest = lengths[i] > longest ? lengths[i] : longest;
    for (int s = 0; s < sets; s++) accounts[s].cash = 10000;
    const double buy = (1 + 0.0002) * (1 + 0.001), sell = (1 - 0.0002) * (1 - 0.001);
    long trades = 0;
    for (size_t first = 0; first < rows; first += TILE) {
        size_t count = rows - first < TILE ? rows - first : TILE;
        for (int i = 0; i < length_count; i++) {
            double sum = sums[i], share = lengths[i];
            size_t length = (size_t)lengths[i];
            for (size_t k = 0; k < count; k++) {
                size_t row = first + k;
                sum += close[row] - (row >= length ? close[row - length] : 0);
                means[i][k] = sum / share;
            }
            sums[i] = sum;
        }
        for (int s = 0; s < sets; s++) {
            uint64_t not_above[WORDS], not_below[WORDS];
            lot_compare(means[fast[s]], means[slow[s]], count, not_above, not_below);
            account *a = &accounts[s];
            uint64_t before_above = (uint64_t)a->carry_above, before_below = (uint64_t)a->carry_below;
            for (size_t word = 0; word < (count + 63) / 64; word++) {
                uint64_t le = not_above[word], ge = not_below[word];
                uint64_t up = ge & ~le & (le << 1 | before_above);
                uint64_t down = le & ~ge & (ge << 1 | before_below);
                before_above = le >> 63;
                before_below = ge >> 63;
                uint64_t bits = a->quantity > 0 ? down : up;
                while (bits) {
                    int bit = __builtin_ctzll(bits);
                    size_t row = first + word * 64 + (size_t)bit + 1;
                    uint64_t later = bit == 63 ? 0 : ~0ull << (bit + 1);
                    if (row >= rows || row <= (size_t)longest) {
                        bits &= later;
                    } else if (a->quantity > 0) {
                        a->cash = a->quantity * open[row] * sell;
                        a->quantity = 0;
                        trades += 1;
                        bits = up & later;
                    } else {
                        a->quantity = a->cash / (open[row] * buy);
                        a->cash = 0;
                        bits = down & later;
                    }
                }
            }
            a->carry_above = (int)before_above;
            a->carry_below = (int)before_below;
        }
    }
    for (int s = 0; s < sets; s++)
        equity[s] = accounts[s].cash + accounts[s].quantity * close[rows - 1];
    free(means);
    free(sums);
    free(accounts);
    return trades;
}

typedef double four __attribute__((vector_size(32), aligned(8)));

double lot_bench_sum(const double *values, size_t count) {
    // Four chains of four lanes: the additions must not be what it waits for.
    four sums[4] = {{0}, {0}, {0}, {0}};
    size_t row = 0;
    for (; row + 16 <= count; row += 16)
        for (size_t k = 0; k < 4; k++) sums[k] += *(const four *)(values + row + 4 * k);
    four all = sums[0] + sums[1] + sums[2] + sums[3];
    double sum = all[0] + all[1] + all[2] + all[3];
    for (; row < count; row++) sum += values[row];
    return sum;
}

double *lot_bench_fresh(size_t count) {
    void *memory = mmap(NULL, count * sizeof(double), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return NULL;
    (void)madvise(memory, count * sizeof(double), MADV_HUGEPAGE);
    double *values = memory;
    for (size_t row = 0; row < count; row++) values[row] = 1;
    return values;
}

void lot_bench_release(double *values, size_t count) { munmap(values, count * sizeof(double)); }

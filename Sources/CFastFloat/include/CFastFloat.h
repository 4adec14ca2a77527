// Strict numbers for text files: digits and at most one point, nothing else.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Reads digits, or digits "." digits, from `at`, and stops at the first other byte.
// Returns where it stopped with the nearest double (ties to even) in `*value`, or null: no digit,
// a point without digits around it, or a value too large for a double.
const uint8_t *lot_scan_decimal(const uint8_t *at, const uint8_t *end, double *value);

// Reads 1 to 18 digits from `at`; null where there are none or more.
const uint8_t *lot_scan_integer(const uint8_t *at, const uint8_t *end, int64_t *value);

// Returns the next comma, or `end`; null where a quote comes first.
const uint8_t *lot_skip_field(const uint8_t *at, const uint8_t *end);

// Reads a whole JSON number (sign and exponent allowed); 0, or -1 where it is none.
int lot_json_number(const uint8_t *at, const uint8_t *end, double *value);

#ifdef __cplusplus
}
#endif

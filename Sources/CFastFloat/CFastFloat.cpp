#include "CFastFloat.h"

#include <cmath>
#include <fast_float/fast_float.h>

static inline bool is_digit(uint8_t byte) { return byte >= '0' && byte <= '9'; }

// Powers of ten that a double holds exactly.
static const double exact_powers[] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

const uint8_t *lot_scan_decimal(const uint8_t *at, const uint8_t *end, double *value) {
    const uint8_t *start = at;
    uint64_t digits = 0;
    while (at < end && is_digit(*at)) digits = digits * 10 + (*at++ - '0');
    if (at == start) return nullptr;
    size_t count = size_t(at - start);
    size_t decimals = 0;
    if (at < end && *at == '.') {
        const uint8_t *point = at++;
        while (at < end && is_digit(*at)) digits = digits * 10 + (*at++ - '0');
        decimals = size_t(at - point) - 1;
        if (decimals == 0) return nullptr;
        count += decimals;
    }
    // Clinger's fast path: an integer up to 2^53 over an exact power of ten is one rounding, so
    // the quotient is the nearest double. 19 digits cannot overflow the 64 bits.
    if (count <= 19 && digits <= (uint64_t(1) << 53) && decimals <= 22) {
        *value = double(digits) / exact_powers[decimals];
        return at;
    }
    double parsed = 0;
    auto answer = fast_float::from_chars(
        reinterpret_cast<const char *>(start), reinterpret_cast<const char *>(at), parsed,
        fast_float::chars_format::fixed);
    if (answer.ec != std::errc() || !std::isfinite(parsed)) return nullptr;
    if (answer.ptr != reinterpret_cast<const char *>(at)) return nullptr;
    *value = parsed;
    return at;
}

const uint8_t *lot_scan_integer(const uint8_t *at, const uint8_t *end, int64_t *value) {
    const uint8_t *start = at;
    int64_t digits = 0;
    while (at < end && is_digit(*at)) {
        if (at - start == 18) return nullptr;
        digits = digits * 10 + (*at++ - '0');
    }
    if (at == start) return nullptr;
    *value = digits;
    return at;
}

const uint8_t *lot_skip_field(const uint8_t *at, const uint8_t *end) {
    for (; at < end; at++) {
        if (*at == ',') return at;
        if (*at == '"') return nullptr;
    }
    return end;
}

int lot_json_number(const uint8_t *at, const uint8_t *end, double *value) {
    const char *first = reinterpret_cast<const char *>(at);
    const char *last = reinterpret_cast<const char *>(end);
    double parsed = 0;
    auto answer = fast_float::from_chars(first, last, parsed, fast_float::chars_format::general);
    if (answer.ec != std::errc() || answer.ptr != last || !std::isfinite(parsed)) return -1;
    *value = parsed;
    return 0;
}

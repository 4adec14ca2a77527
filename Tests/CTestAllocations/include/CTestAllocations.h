#ifndef LOT_CTESTALLOCATIONS_H
#define LOT_CTESTALLOCATIONS_H

/// Allocations that this thread has made since the process began: calls of malloc, calloc, realloc
/// and of the functions that align, counted by replacing them in the test binary.
long lot_test_allocations(void);

#endif

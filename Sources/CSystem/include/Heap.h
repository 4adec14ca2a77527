#pragma once
#include <stddef.h>

/// Makes room for `bytes` of heap, in huge pages where the kernel has them, and keeps freed memory
/// for the next allocation instead of giving it back. Nothing is used before it is written.
/// Call it once, from the first thread, before others start.
void lot_prepare_heap(size_t bytes);

// Runs another program, without a shell.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct {
    int32_t status;  // Exit code, or 128 + n after signal n.
    int32_t out;     // What it wrote to standard output, at its beginning; the caller closes it.
    int32_t err;     // The same for standard error.
} lot_child;

/// Runs the program named by the first of `count` words, each ended by a zero byte, as found in
/// PATH, with this process's environment and nothing to read, in a process group of its own so that
/// Ctrl-C does not reach it, and waits until it ends; after `limit_ms` it is killed.
/// Returns 0, or -errno: -ENOENT if there is no such program, -ETIMEDOUT if it was killed.
int lot_run_child(const char *words, size_t count, int limit_ms, lot_child *child);

/// Waits for SIGINT or SIGTERM, which the caller has blocked, at most `ms`: the signal, or 0.
int lot_wait_signal(int ms);
/// Blocks SIGINT and SIGTERM in this thread and in those that it starts.
void lot_block_signals(void);

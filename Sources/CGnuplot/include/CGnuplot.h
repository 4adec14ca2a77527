#pragma once
// gnuplot, driven through gnuplot-iostream over a pipe, behind a small C interface.
//
// gnuplot is started with posix_spawn: no shell, `-d` (no start-up files), an empty environment,
// output and errors into files of a private folder (mode 0700) that is removed at the end. Where
// the kernel has Landlock, gnuplot may start no other program and write nowhere else. No call
// waits longer than the session's limit, and a gnuplot that dies raises no SIGPIPE.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How a session ended.
enum lot_gnuplot_status {
    /// Drawn.
    LOT_GNUPLOT_OK = 0,
    /// The private folder or the pipe could not be made.
    LOT_GNUPLOT_NO_FOLDER = 1,
    /// gnuplot could not be started.
    LOT_GNUPLOT_NO_START = 2,
    /// gnuplot ended with an error; see lot_gnuplot_errors.
    LOT_GNUPLOT_FAILED = 3,
    /// gnuplot took longer than the limit and was stopped.
    LOT_GNUPLOT_TIMEOUT = 4,
};

typedef struct lot_gnuplot lot_gnuplot;

/// Starts gnuplot.
///
/// `executable` is its path, `limit_ms` how long it may live. Returns a session in any case but
/// lack of memory; what went wrong is told by lot_gnuplot_finish.
lot_gnuplot *lot_gnuplot_open(const char *executable, int limit_ms);

/// Sends `length` bytes of commands.
void lot_gnuplot_script(lot_gnuplot *session, const char *bytes, size_t length);

/// Writes `count` numbers as 8 bytes each into the file `name` of the private folder, for
/// `plot 'name' binary`. gnuplot reads inline data byte by byte: a file is many times faster.
void lot_gnuplot_data(
    lot_gnuplot *session, const char *name, const double *values, size_t count);

/// Ends the input, waits for gnuplot and returns a lot_gnuplot_status.
int lot_gnuplot_finish(lot_gnuplot *session);

/// Reads a file of the private folder after lot_gnuplot_finish: the bytes, owned by the session,
/// and their number in `length`. NULL if there is no such regular file or it exceeds 32 MiB.
const char *lot_gnuplot_output(lot_gnuplot *session, const char *name, size_t *length);

/// Whether the kernel held gnuplot to its folder.
int lot_gnuplot_confined(const lot_gnuplot *session);

/// Removes the private folder and frees the session.
void lot_gnuplot_close(lot_gnuplot *session);

/// Returns the first `gnuplot` in the absolute folders of PATH that can be run, or NULL; the
/// caller frees it.
char *lot_gnuplot_find(void);

#ifdef __cplusplus
}
#endif

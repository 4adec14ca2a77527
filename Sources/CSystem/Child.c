#define _GNU_SOURCE
#include "Child.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int64_t now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int start(pid_t *process, char **arguments, const lot_child *child) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int problem = posix_spawn_file_actions_init(&actions);
    if (problem != 0) return problem;
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", 0, 0);
    posix_spawn_file_actions_adddup2(&actions, child->out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, child->err, STDERR_FILENO);
    // What the parent ignores or blocks is not the child's affair.
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(
        &attributes,
        POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    problem = posix_spawnp(process, arguments[0], &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return problem;
}

/// Waits for the process: 0, or ETIMEDOUT after killing it and what it started.
static int finish(pid_t process, int limit_ms, int32_t *status) {
    const int64_t end = now_ms() + limit_ms;
    int code = 0, is_late = 0;
    for (;;) {
        const pid_t done = waitpid(process, &code, WNOHANG);
        if (done == process) break;
        if (done < 0 && errno != EINTR) return errno;
        if (!is_late && now_ms() > end) {
            is_late = 1;
            kill(-process, SIGKILL);
        }
        const struct timespec pause = {0, 5000000};
        nanosleep(&pause, NULL);
    }
    *status = WIFSIGNALED(code) ? 128 + WTERMSIG(code) : WEXITSTATUS(code);
    return is_late ? ETIMEDOUT : 0;
}

int lot_run_child(const char *words, size_t count, int limit_ms, lot_child *child) {
    char **arguments = calloc(count + 1, sizeof *arguments);
    if (arguments == NULL || count == 0) {
        free(arguments);
        return -EINVAL;
    }
    for (size_t index = 0; index < count; index++) {
        arguments[index] = (char *)words;
        words += strlen(words) + 1;
    }
    child->out = memfd_create("out", MFD_CLOEXEC);
    child->err = memfd_create("err", MFD_CLOEXEC);
    int problem = child->out < 0 || child->err < 0 ? errno : 0;
    pid_t process = -1;
    if (problem == 0) problem = start(&process, arguments, child);
    if (problem == 0) problem = finish(process, limit_ms, &child->status);
    free(arguments);
    if (problem == 0) {
        lseek(child->out, 0, SEEK_SET);
        lseek(child->err, 0, SEEK_SET);
        return 0;
    }
    if (child->out >= 0) close(child->out);
    if (child->err >= 0) close(child->err);
    return -problem;
}

static void ending_signals(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
}

void lot_block_signals(void) {
    sigset_t set;
    ending_signals(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int lot_wait_signal(int ms) {
    sigset_t set;
    ending_signals(&set);
    const struct timespec time = {ms / 1000, (long)(ms % 1000) * 1000000};
    const int signal = sigtimedwait(&set, NULL, &time);
    return signal > 0 ? signal : 0;
}

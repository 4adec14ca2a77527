#define _GNU_SOURCE
// Time limit of a call: a timer of the thread's processor time ticks every 10 ms; its handler only
// compares numbers, and past the deadline it sets a hook that stops the script at its next
// instruction, and a flag that loops in C look at. Between ticks a call costs nothing.
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

#define TICK_MILLISECONDS 10
// What runs no instruction of Lua looks at the deadline itself (lot_heed_time), all but single
// operations of Lua's own: they take time by the length of a text, and no text is longer than the
// memory of its state. One that has not come back after that time never will.
#define WATCHDOG_TICKS 200
#define WATCHDOG_BYTES (64u << 20)

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static __thread lot_lua *volatile running;
static __thread bool has_timer;
static pthread_key_t timer_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool handler_ready;

static int timer_signal(void) { return SIGRTMIN + 4; }

static void write_text(const char *text) {
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
    (void)ignored;
}

// In the handler of a signal: nothing but what is safe there, so no line, which only Lua knows.
static _Noreturn void give_up(const lot_lua *state) {
    write_text("lot: ");
    write_text(state->script);
    write_text(": stopped: ");
    write_text(state->label);
    write_text(
        " did not come back after its time limit, and cannot be stopped; the process ends. Runs "
        "that had ended are complete in their folders: lot report list\n");
    _exit(65);
}

static void stop_hook(lua_State *L, lua_Debug *record) {
    (void)record;
    lot_stop(L, LOT_TIME);
}

// Runs in the thread whose processor time it measures, so `running` is that thread's state.
static void on_tick(int number, siginfo_t *info, void *machine) {
    (void)number, (void)info, (void)machine;
    lot_lua *state = running;
    if (!state) return;
    if (state->seen_call != state->call) {
        state->seen_call = state->call;
        state->ticks = 0;
        return;
    }
    state->ticks += 1;
    if (state->ticks < state->budget_ticks) return;
    state->armed = 1;
    // The hook may be taken away by nobody but the end of the call; setting it again is harmless.
    lua_sethook(state->L, stop_hook, LUA_MASKCOUNT, 1);
    size_t shares = 1 + state->cap / WATCHDOG_BYTES;
    if ((size_t)state->ticks > (size_t)state->budget_ticks + WATCHDOG_TICKS * shares)
        give_up(state);
}

static void delete_timer(void *value) { timer_delete((timer_t)((intptr_t)value - 1)); }

static void set_up(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_tick;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigemptyset(&action.sa_mask);
    handler_ready = pthread_key_create(&timer_key, delete_timer) == 0 &&
                    sigaction(timer_signal(), &action, NULL) == 0;
}

static bool make_timer(void) {
    pthread_once(&once, set_up);
    if (!handler_ready) return false;
    struct sigevent event;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = timer_signal();
    event.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
    timer_t timer;
    if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer) != 0) return false;
    struct itimerspec tick;
    memset(&tick, 0, sizeof tick);
    tick.it_interval.tv_nsec = tick.it_value.tv_nsec = TICK_MILLISECONDS * 1000000;
    if (timer_settime(timer, 0, &tick, NULL) != 0) {
        timer_delete(timer);
        return false;
    }
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, timer_signal());
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    // The destructor runs only for values other than NULL, so 1 is added.
    pthread_setspecific(timer_key, (void *)((intptr_t)timer + 1));
    has_timer = true;
    return true;
}

// Starts the clock of a call. Returns a status.
int lot_begin_call(lot_lua *state) {
    if (state->stopped) return state->stopped;
    if (!has_timer && !make_timer()) {
        snprintf(state->message, LOT_TEXT_SIZE, "no timer: %s", strerror(errno));
        return LOT_SYSTEM;
    }
    state->call += 1;
    running = state;
    return LOT_OK;
}

void lot_end_call(void) { running = NULL; }

// Ends the script for good at its next instruction. Allocates nothing and does not raise.
void lot_stop_later(lot_lua *state, int kind) {
    if (!state->stopped) {
        state->stopped = kind;
        if (kind == LOT_MEMORY)
            state->place = state->memory_place;
        else
            lot_note_place(state->L, &state->place);
    }
    // The hook stays at every instruction, so whatever runs while the stack unwinds stops too.
    lua_sethook(state->L, stop_hook, LUA_MASKCOUNT, 1);
}

// Ends the script for good: later calls fail, and `pcall` raises again.
void lot_stop(lua_State *L, int kind) {
    lot_lua *state = lot_of(L);
    lot_stop_later(state, kind);
    lua_pushlightuserdata(L, state);
    lua_error(L);
    __builtin_unreachable();
}

// Stops a script that is past its time. Every loop in C that a script can make long asks: no hook
// runs there.
void lot_heed_time(lua_State *L) {
    if (lot_of(L)->armed) lot_stop(L, LOT_TIME);
}

// Ends the call and turns Lua's status into ours, with its message.
int lot_finish(lot_lua *state, int status) {
    lot_end_call();
    if (status == LUA_OK) return LOT_OK;
    if (status == LUA_ERRMEM && !state->stopped) {
        state->stopped = LOT_MEMORY;
        state->place = state->memory_place;
    }
    switch (state->stopped) {
    case LOT_TIME:
        snprintf(
            state->message, LOT_TEXT_SIZE, "stopped: %d ms time limit in %s",
            state->call_milliseconds, state->label);
        break;
    case LOT_MEMORY:
        snprintf(
            state->message, LOT_TEXT_SIZE, "stopped: %zu MiB memory limit in %s",
            state->cap >> 20, state->label);
        break;
    case LOT_PATTERN:
        snprintf(state->message, LOT_TEXT_SIZE, "stopped: pattern too complex in %s", state->label);
        break;
    default: return state->error_kind = state->error_kind ? state->error_kind : LOT_RUNTIME;
    }
    return state->stopped;
}

#include "CGnuplot.h"

#include "Confinement.h"

// Debian's gnuplot-iostream (2014) uses shared_ptr without including it.
#include <boost/shared_ptr.hpp>
#include <gnuplot-iostream.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr off_t outputLimit = 32 << 20;

/// Holds signals back from this thread while it writes, and takes away a SIGPIPE that came
/// meanwhile. Boost's sink takes an interrupted write for an error, so all of them wait.
class PipeSignalGuard {
public:
    PipeSignalGuard() {
        sigemptyset(&pipeSignal_);
        sigaddset(&pipeSignal_, SIGPIPE);
        sigset_t pending;
        sigpending(&pending);
        wasPending_ = sigismember(&pending, SIGPIPE) == 1;
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, &before_);
    }
    ~PipeSignalGuard() {
        if (!wasPending_) {
            const timespec now = {0, 0};
            while (sigtimedwait(&pipeSignal_, nullptr, &now) < 0 && errno == EINTR) {}
        }
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    PipeSignalGuard(const PipeSignalGuard &) = delete;
    PipeSignalGuard &operator=(const PipeSignalGuard &) = delete;

private:
    sigset_t pipeSignal_;
    sigset_t before_;
    bool wasPending_;
};

/// Kills a process that lives longer than it may. A blocked write then fails instead of waiting.
class Watchdog {
public:
    Watchdog(pid_t process, int limit_ms)
        : thread_([this, process, limit_ms] {
              std::unique_lock<std::mutex> lock(mutex_);
              const auto limit = std::chrono::milliseconds(limit_ms);
              if (!wake_.wait_for(lock, limit, [this] { return isDone_; })) {
                  hasFired_ = true;
                  kill(process, SIGKILL);
              }
          }) {}
    /// Must be called before the process is reaped: its number could be given away after.
    bool stop() {
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            isDone_ = true;
        }
        wake_.notify_one();
        if (thread_.joinable()) thread_.join();
        return hasFired_;
    }
    ~Watchdog() { stop(); }

private:
    std::mutex mutex_;
    std::condition_variable wake_;
    bool isDone_ = false;
    bool hasFired_ = false;
    std::thread thread_;
};

/// Starts `executable -d` in `folder`, reading from `input`; returns its number or -1.
pid_t start(const char *executable, const char *folder, int input) {
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0) return -1;
    posix_spawn_file_actions_addchdir_np(&actions, folder);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "output.txt", flags, 0600);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "errors.txt", flags, 0600);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    // What the parent ignores or blocks is not the child's affair.
    sigset_t all;
    sigset_t none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    std::string name = "gnuplot";
    std::string noStartFiles = "-d";
    char *arguments[] = {name.data(), noStartFiles.data(), nullptr};
    char *environment[] = {nullptr};
    pid_t process = -1;
    const int failure =
        posix_spawn(&process, executable, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failure == 0 ? process : -1;
}

}  // namespace

struct lot_gnuplot {
    std::string folder;
    int status = LOT_GNUPLOT_OK;
    bool isConfined = false;
    pid_t process = -1;
    FILE *pipe = nullptr;
    std::unique_ptr<Gnuplot> gnuplot;
    std::unique_ptr<Watchdog> watchdog;
    std::string output;
};

static void openSession(lot_gnuplot *session, const char *executable, int limit_ms) {
    std::error_code error;
    const auto base = std::filesystem::temp_directory_path(error);
    std::string folder = (error ? "/tmp" : base.string()) + "/lot-charts-XXXXXX";
    int ends[2];
    if (mkdtemp(folder.data()) == nullptr) {
        session->status = LOT_GNUPLOT_NO_FOLDER;
        return;
    }
    session->folder = folder;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        session->status = LOT_GNUPLOT_NO_FOLDER;
        return;
    }
    // A thread of its own, so that the limits hold for gnuplot and not for us.
    std::thread([&] {
        session->isConfined = lot::confineThread(executable, folder.c_str());
        session->process = start(executable, folder.c_str(), ends[0]);
    }).join();
    close(ends[0]);
    session->pipe = session->process > 0 ? fdopen(ends[1], "w") : nullptr;
    if (session->pipe == nullptr) {
        close(ends[1]);
        session->status = LOT_GNUPLOT_NO_START;
        if (session->process <= 0) return;
    }
    session->watchdog = std::make_unique<Watchdog>(session->process, limit_ms);
    if (session->pipe != nullptr) {
        session->gnuplot = std::make_unique<Gnuplot>(session->pipe);
    }
}

lot_gnuplot *lot_gnuplot_open(const char *executable, int limit_ms) {
    auto *session = new (std::nothrow) lot_gnuplot;
    if (session == nullptr) return nullptr;
    try {
        openSession(session, executable, limit_ms);
    } catch (const std::exception &) {
        session->status = LOT_GNUPLOT_NO_START;
    }
    return session;
}

void lot_gnuplot_script(lot_gnuplot *session, const char *bytes, size_t length) {
    if (!session->gnuplot) return;
    const PipeSignalGuard guard;
    try {
        session->gnuplot->write(bytes, static_cast<std::streamsize>(length));
    } catch (const std::exception &) {
        session->status = LOT_GNUPLOT_FAILED;
    }
}

void lot_gnuplot_data(
    lot_gnuplot *session, const char *name, const double *values, size_t count
) {
    if (!session->gnuplot) return;
    try {
        const std::string path = session->folder + "/" + name;
        const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
        const int file = open(path.c_str(), flags, 0600);
        if (file < 0) {
            session->status = LOT_GNUPLOT_NO_FOLDER;
            return;
        }
        const char *bytes = reinterpret_cast<const char *>(values);
        size_t left = count * sizeof(double);
        while (left > 0) {
            const ssize_t done = write(file, bytes, left);
            if (done < 0 && errno == EINTR) continue;
            if (done <= 0) break;
            bytes += done;
            left -= static_cast<size_t>(done);
        }
        if (close(file) != 0 || left > 0) session->status = LOT_GNUPLOT_NO_FOLDER;
    } catch (const std::exception &) {
        session->status = LOT_GNUPLOT_FAILED;
    }
}

int lot_gnuplot_finish(lot_gnuplot *session) {
    if (session->gnuplot) {
        const PipeSignalGuard guard;
        // Flushes and closes the pipe: gnuplot reads its end and draws what is left.
        session->gnuplot.reset();
        session->pipe = nullptr;
    }
    if (session->process > 0) {
        siginfo_t information;
        while (waitid(P_PID, session->process, &information, WEXITED | WNOWAIT) != 0
               && errno == EINTR) {}
        const bool hasTimedOut = session->watchdog && session->watchdog->stop();
        int status = 0;
        while (waitpid(session->process, &status, 0) < 0 && errno == EINTR) {}
        session->process = -1;
        if (session->status == LOT_GNUPLOT_OK && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
        {
            session->status = LOT_GNUPLOT_FAILED;
        }
        if (hasTimedOut) session->status = LOT_GNUPLOT_TIMEOUT;
    }
    return session->status;
}

const char *lot_gnuplot_output(lot_gnuplot *session, const char *name, size_t *length) {
    *length = 0;
    try {
        const std::string path = session->folder + "/" + name;
        const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (file < 0) return nullptr;
        struct stat information;
        if (fstat(file, &information) != 0 || !S_ISREG(information.st_mode)
            || information.st_size > outputLimit)
        {
            close(file);
            return nullptr;
        }
        session->output.resize(static_cast<size_t>(information.st_size));
        size_t done = 0;
        while (done < session->output.size()) {
            const ssize_t count =
                read(file, session->output.data() + done, session->output.size() - done);
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) break;
            done += static_cast<size_t>(count);
        }
        close(file);
        session->output.resize(done);
        *length = done;
        return session->output.data();
    } catch (const std::exception &) {
        return nullptr;
    }
}

int lot_gnuplot_confined(const lot_gnuplot *session) { return session->isConfined ? 1 : 0; }

void lot_gnuplot_close(lot_gnuplot *session) {
    lot_gnuplot_finish(session);
    if (!session->folder.empty()) {
        std::error_code error;
        std::filesystem::remove_all(session->folder, error);
    }
    delete session;
}

char *lot_gnuplot_find(void) {
    const char *folders = std::getenv("PATH");
    if (folders == nullptr) return nullptr;
    try {
        std::istringstream list(folders);
        std::string folder;
        while (std::getline(list, folder, ':')) {
            // Folders relative to wherever the user stands are not to be trusted.
            if (folder.empty() || folder[0] != '/') continue;
            const std::string path = folder + "/gnuplot";
            struct stat information;
            if (stat(path.c_str(), &information) == 0 && S_ISREG(information.st_mode)
                && access(path.c_str(), X_OK) == 0)
            {
                return strdup(path.c_str());
            }
        }
    } catch (const std::exception &) {
    }
    return nullptr;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trap: preloaded into a JACK client, catches what its callback must not do.
 *
 * The process and sync callbacks are wrapped, so that the thread is known to
 * be inside. A function below that is called there writes its name and a
 * backtrace to the file named by DEADWAX_TRAP, each function once; then it
 * does its work. DEADWAX_TRAP.armed says that a callback was wrapped at all.
 *
 * What libc does within itself is not seen: so the outer functions (printf,
 * fwrite) are here beside the inner ones (write).
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <jack/jack.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { DEEP = 32, REPORTS = 64 };

static __thread int inside __attribute__((tls_model("initial-exec")));
static const char *report_path;
static _Atomic int reports;

static void
append(const char *path, const char *text)
{
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

    if (fd < 0)
        return;
    if (syscall(SYS_write, fd, text, strlen(text)) < 0)
        abort();
    syscall(SYS_close, fd);
}

static void
report(const char *name)
{
    void *frame[DEEP];
    int was = inside, fd, n;

    if (atomic_fetch_add_explicit(&reports, 1, memory_order_relaxed) >= REPORTS || !report_path)
        return;
    inside = 0; /* what follows is ours */
    fd = open(report_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    n = backtrace(frame, DEEP);
    if (fd >= 0) {
        dprintf(fd, "in the callback: %s\n", name);
        backtrace_symbols_fd(frame + 2, n > 2 ? n - 2 : 0, fd);
        close(fd);
    }
    inside = was;
}

#define TRAP(name)                                                                                           \
    do {                                                                                                     \
        static _Atomic int told;                                                                             \
        if (inside && !atomic_exchange_explicit(&told, 1, memory_order_relaxed))                             \
            report(name);                                                                                    \
    } while (0)

__attribute__((constructor)) static void
prepare(void)
{
    void *frame[1];

    report_path = getenv("DEADWAX_TRAP");
    backtrace(frame, 1); /* loads what it needs now, not in the callback */
}

static void *
next(const char *name)
{
    int was = inside;
    void *f;

    inside = 0;
    f = dlsym(RTLD_NEXT, name);
    inside = was;
    if (!f)
        abort();
    return f;
}

/* The real function, found at the first call. */
#define NEXT(name)                                                                                           \
    static __typeof__(name) *real;                                                                           \
    if (!real)                                                                                               \
    real = (__typeof__(name) *)next(#name)

/* --- callbacks ------------------------------------------------------------------------------------ */

struct wrapped {
    JackProcessCallback process;
    JackSyncCallback sync;
    void *arg;
};

static int
run_process(jack_nframes_t nframes, void *arg)
{
    const struct wrapped *w = arg;
    int result;

    inside++;
    result = w->process(nframes, w->arg);
    inside--;
    return result;
}

static int
run_sync(jack_transport_state_t state, jack_position_t *position, void *arg)
{
    const struct wrapped *w = arg;
    int result;

    inside++;
    result = w->sync(state, position, w->arg);
    inside--;
    return result;
}

static struct wrapped *
wrap(void *arg)
{
    struct wrapped *w = calloc(1, sizeof *w); /* as long as the program: the client may outlive any owner */
    char path[4096];

    if (!w)
        abort();
    w->arg = arg;
    if (report_path && snprintf(path, sizeof path, "%s.armed", report_path) < (int)sizeof path)
        append(path, "armed\n");
    return w;
}

int
jack_set_process_callback(jack_client_t *client, JackProcessCallback callback, void *arg)
{
    struct wrapped *w = wrap(arg);

    NEXT(jack_set_process_callback);
    w->process = callback;
    return real(client, run_process, w);
}

int
jack_set_sync_callback(jack_client_t *client, JackSyncCallback callback, void *arg)
{
    struct wrapped *w = wrap(arg);

    NEXT(jack_set_sync_callback);
    w->sync = callback;
    return real(client, callback ? run_sync : NULL, w);
}

/* --- memory: glibc's own names, as dlsym itself allocates ------------------------------------------- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t align, size_t size);
void __libc_free(void *p);

void *
malloc(size_t size)
{
    TRAP("malloc");
    return __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
    TRAP("calloc");
    return __libc_calloc(n, size);
}

void *
realloc(void *p, size_t size)
{
    TRAP("realloc");
    return __libc_realloc(p, size);
}

void
free(void *p)
{
    TRAP("free");
    __libc_free(p);
}

int
posix_memalign(void **p, size_t align, size_t size)
{
    TRAP("posix_memalign");
    *p = __libc_memalign(align, size);
    return *p ? 0 : 12; /* ENOMEM */
}

void *
aligned_alloc(size_t align, size_t size)
{
    TRAP("aligned_alloc");
    return __libc_memalign(align, size);
}

void *
memalign(size_t align, size_t size)
{
    TRAP("memalign");
    return __libc_memalign(align, size);
}

/* --- plain calls ------------------------------------------------------------------------------------ */

#define WATCH(type, name, parameters, arguments)                                                             \
    type name parameters                                                                                     \
    {                                                                                                        \
        NEXT(name);                                                                                          \
        TRAP(#name);                                                                                         \
        return real arguments;                                                                               \
    }

WATCH(int, pthread_mutex_lock, (pthread_mutex_t * m), (m))
WATCH(int, pthread_rwlock_rdlock, (pthread_rwlock_t * l), (l))
WATCH(int, pthread_rwlock_wrlock, (pthread_rwlock_t * l), (l))
WATCH(int, pthread_spin_lock, (pthread_spinlock_t * l), (l))
WATCH(int, pthread_join, (pthread_t t, void **r), (t, r))
WATCH(int, sem_wait, (sem_t * s), (s))
WATCH(int, sem_timedwait, (sem_t * s, const struct timespec *t), (s, t))
WATCH(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n))
WATCH(ssize_t, pread, (int fd, void *p, size_t n, off_t at), (fd, p, n, at))
WATCH(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n))
WATCH(ssize_t, pwrite, (int fd, const void *p, size_t n, off_t at), (fd, p, n, at))
WATCH(ssize_t, writev, (int fd, const struct iovec *v, int n), (fd, v, n))
WATCH(ssize_t, send, (int fd, const void *p, size_t n, int flags), (fd, p, n, flags))
WATCH(ssize_t, sendto,
      (int fd, const void *p, size_t n, int flags, const struct sockaddr *to, socklen_t size),
      (fd, p, n, flags, to, size))
WATCH(ssize_t, recv, (int fd, void *p, size_t n, int flags), (fd, p, n, flags))
WATCH(int, close, (int fd), (fd))
WATCH(int, fsync, (int fd), (fd))
WATCH(FILE *, fopen, (const char *path, const char *mode), (path, mode))
WATCH(int, fclose, (FILE * f), (f))
WATCH(int, fflush, (FILE * f), (f))
WATCH(size_t, fwrite, (const void *p, size_t size, size_t n, FILE *f), (p, size, n, f))
WATCH(size_t, fread, (void *p, size_t size, size_t n, FILE *f), (p, size, n, f))
WATCH(int, puts, (const char *s), (s))
WATCH(int, fputs, (const char *s, FILE *f), (s, f))
WATCH(int, fputc, (int c, FILE *f), (c, f))
WATCH(int, putchar, (int c), (c))
WATCH(int, vprintf, (const char *format, va_list ap), (format, ap))
WATCH(int, vfprintf, (FILE * f, const char *format, va_list ap), (f, format, ap))
WATCH(int, vsnprintf, (char *s, size_t n, const char *format, va_list ap), (s, n, format, ap))
WATCH(int, vdprintf, (int fd, const char *format, va_list ap), (fd, format, ap))
WATCH(int, nanosleep, (const struct timespec *t, struct timespec *left), (t, left))
WATCH(int, clock_nanosleep, (clockid_t c, int flags, const struct timespec *t, struct timespec *left),
      (c, flags, t, left))
WATCH(int, usleep, (useconds_t us), (us))
WATCH(unsigned, sleep, (unsigned s), (s))
WATCH(int, sched_yield, (void), ())
WATCH(int, poll, (struct pollfd * p, nfds_t n, int ms), (p, n, ms))
WATCH(int, ppoll, (struct pollfd * p, nfds_t n, const struct timespec *t, const sigset_t *s), (p, n, t, s))
WATCH(int, select, (int n, fd_set *r, fd_set *w, fd_set *x, struct timeval *t), (n, r, w, x, t))
WATCH(void *, mmap, (void *p, size_t n, int prot, int flags, int fd, off_t at), (p, n, prot, flags, fd, at))
WATCH(int, munmap, (void *p, size_t n), (p, n))
WATCH(int, mprotect, (void *p, size_t n, int prot), (p, n, prot))
WATCH(int, madvise, (void *p, size_t n, int advice), (p, n, advice))

/* Two versions live in libc and dlsym would give the older one. */
int
pthread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m)
{
    static __typeof__(pthread_cond_wait) *real;

    if (!real)
        real = (__typeof__(pthread_cond_wait) *)dlvsym(RTLD_NEXT, "pthread_cond_wait", "GLIBC_2.3.2");
    TRAP("pthread_cond_wait");
    return real(c, m);
}

int
pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *t)
{
    static __typeof__(pthread_cond_timedwait) *real;

    if (!real)
        real =
            (__typeof__(pthread_cond_timedwait) *)dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    TRAP("pthread_cond_timedwait");
    return real(c, m, t);
}

/* --- with dots --------------------------------------------------------------------------------------- */

int
open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    va_list ap;

    NEXT(open);
    TRAP("open");
    if (flags & (O_CREAT | O_TMPFILE)) {
        va_start(ap, flags);
        mode = va_arg(ap, mode_t);
        va_end(ap);
    }
    return real(path, flags, mode);
}

int
openat(int fd, const char *path, int flags, ...)
{
    mode_t mode = 0;
    va_list ap;

    NEXT(openat);
    TRAP("openat");
    if (flags & (O_CREAT | O_TMPFILE)) {
        va_start(ap, flags);
        mode = va_arg(ap, mode_t);
        va_end(ap);
    }
    return real(fd, path, flags, mode);
}

int
ioctl(int fd, unsigned long request, ...)
{
    va_list ap;
    void *arg;

    NEXT(ioctl);
    TRAP("ioctl");
    va_start(ap, request);
    arg = va_arg(ap, void *);
    va_end(ap);
    return real(fd, request, arg);
}

/* Futexes above all. */
long
syscall(long number, ...)
{
    long a[6];
    va_list ap;

    NEXT(syscall);
    TRAP("syscall");
    va_start(ap, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(ap, long);
    va_end(ap);
    return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

#define PRINTER(name, vname, parameters, last, ...)                                                          \
    int name parameters                                                                                      \
    {                                                                                                        \
        int n;                                                                                               \
        va_list ap;                                                                                          \
                                                                                                             \
        TRAP(#name);                                                                                         \
        va_start(ap, last);                                                                                  \
        n = vname(__VA_ARGS__, ap);                                                                          \
        va_end(ap);                                                                                          \
        return n;                                                                                            \
    }

PRINTER(printf, vprintf, (const char *format, ...), format, format)
PRINTER(fprintf, vfprintf, (FILE * f, const char *format, ...), format, f, format)
PRINTER(dprintf, vdprintf, (int fd, const char *format, ...), format, fd, format)
PRINTER(snprintf, vsnprintf, (char *s, size_t n_, const char *format, ...), format, s, n_, format)

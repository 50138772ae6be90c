/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * slow: preloaded, makes one file's disk stall now and then.
 *
 *   SLOW_FILE      the file's path, links resolved
 *   SLOW_MS        how long a read of it stalls
 *   SLOW_EVERY_MS  from the end of a stall to the next
 *   SLOW_COUNT     a file that gets one letter a stall
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static __thread int busy __attribute__((tls_model("initial-exec")));
static long long next_ms;

static long long
now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static int
is_it(int fd)
{
    const char *path = getenv("SLOW_FILE");
    char link[64], at[4096];
    ssize_t n;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = path ? readlink(link, at, sizeof at - 1) : -1;
    if (n < 0)
        return 0;
    at[n] = '\0';
    return strcmp(at, path) == 0;
}

static void
count(void)
{
    const char *path = getenv("SLOW_COUNT");
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;

    if (fd < 0)
        return;
    if (write(fd, "s", 1) != 1)
        abort();
    close(fd);
}

static void
stall(int fd)
{
    const char *ms = getenv("SLOW_MS"), *every = getenv("SLOW_EVERY_MS");
    struct timespec t = {.tv_nsec = 0};

    if (busy || !ms || !every || now_ms() < next_ms || !is_it(fd))
        return;
    busy = 1;
    t.tv_sec = atoi(ms) / 1000;
    t.tv_nsec = atoi(ms) % 1000 * 1000000L;
    nanosleep(&t, NULL);
    count();
    next_ms = now_ms() + atoi(every);
    busy = 0;
}

ssize_t
read(int fd, void *p, size_t n)
{
    static __typeof__(read) *real;

    if (!real)
        real = (__typeof__(read) *)dlsym(RTLD_NEXT, "read");
    stall(fd);
    return real(fd, p, n);
}

ssize_t
pread(int fd, void *p, size_t n, off_t at)
{
    static __typeof__(pread) *real;

    if (!real)
        real = (__typeof__(pread) *)dlsym(RTLD_NEXT, "pread");
    stall(fd);
    return real(fd, p, n, at);
}

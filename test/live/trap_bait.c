/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trap_bait: a JACK client whose callback does what it must not, so that the
 * trap can be seen to catch it.
 *
 *   trap_bait SERVER SIN      malloc free lock wait sleep open write print syscall, or none
 */
#include <fcntl.h>
#include <jack/jack.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { RUNS = 20, WAIT_MS = 10000 };

static const char *sin_name;
static _Atomic int runs;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static sem_t semaphore;
static void *volatile keep;
static FILE *null;

static int
on_process(jack_nframes_t nframes, void *arg)
{
    const char *s = sin_name;
    int word = 0;

    (void)nframes, (void)arg;
    if (strcmp(s, "malloc") == 0)
        keep = malloc(100);
    else if (strcmp(s, "free") == 0)
        free(keep), keep = NULL;
    else if (strcmp(s, "lock") == 0)
        pthread_mutex_lock(&mutex), pthread_mutex_unlock(&mutex);
    else if (strcmp(s, "wait") == 0)
        sem_post(&semaphore), sem_wait(&semaphore);
    else if (strcmp(s, "sleep") == 0)
        usleep(10);
    else if (strcmp(s, "open") == 0)
        close(open("/dev/null", O_RDONLY));
    else if (strcmp(s, "write") == 0)
        word = (int)write(fileno(null), "x", 1);
    else if (strcmp(s, "print") == 0)
        fprintf(null, "%d\n", word);
    else if (strcmp(s, "syscall") == 0)
        syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    atomic_fetch_add_explicit(&runs, 1, memory_order_release);
    return 0;
}

int
main(int argc, char **argv)
{
    jack_client_t *client;

    if (argc != 3)
        return 2;
    sin_name = argv[2];
    null = fopen("/dev/null", "w");
    keep = malloc(1);
    sem_init(&semaphore, 0, 0);
    client = jack_client_open("bait", JackNoStartServer | JackServerName, NULL, argv[1]);
    if (!client || !null || jack_set_process_callback(client, on_process, NULL) || jack_activate(client))
        return 1;
    for (int ms = 0; ms < WAIT_MS && atomic_load_explicit(&runs, memory_order_acquire) < RUNS; ms++)
        usleep(1000);
    jack_client_close(client);
    return atomic_load_explicit(&runs, memory_order_acquire) < RUNS;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * machine: what this computer is, as far as sound is concerned. Reads /proc, /sys and limits; changes nothing.
 *
 * root     "" or a test's copy of /proc, /sys, /etc and /dev (root/proc/asound/cards and so on)
 * missing  what can't be read is left at 0, false or "", or what the field says
 */
#ifndef ENGINE_MACHINE_H
#define ENGINE_MACHINE_H

#include "dsp/dsp.h"

enum { MACHINE_CARDS = 32, MACHINE_SERVERS = 8 };

struct machine_card {
    int number;      /* changes at each boot: never store it */
    char id[32];     /* hw:ID, as it is now */
    char driver[64]; /* "USB-Audio" */
    char name[128];  /* short name */
    char long_name[256];
    char usb[16];                        /* "1235:8215", empty if not USB */
    bool playback, capture;              /* has a PCM of that kind */
    int playback_device, capture_device; /* the lowest of that kind: hw:ID,DEVICE */
    bool hdmi;                           /* all that it plays to is HDMI or DisplayPort */
    char holder[32];                     /* the program that has a PCM of it open; "" if none */
    int holder_pid;
};

enum machine_preempt { PREEMPT_UNKNOWN, PREEMPT_VOLUNTARY, PREEMPT_FULL, PREEMPT_REALTIME };

struct machine {
    struct machine_card cards[MACHINE_CARDS];
    int ncards;

    char kernel[96]; /* "6.1.0-18-amd64" */
    enum machine_preempt preempt;
    bool threadirqs;
    int cpus;
    bool smt;          /* hyper-threading is on */
    char governor[32]; /* of the first CPU that is not at "performance"; "" if there is no scaling */
    int64_t ram_kib, swap_kib;
    int swappiness; /* -1: unknown */

    int rtprio;            /* highest priority that this process may take by its limits */
    int64_t memlock_bytes; /* -1: no limit */
    bool root_user;
    char rt_group[64]; /* who gets rtprio from limits.conf or limits.d: "@audio", "*"; "" if nobody */
    bool in_rt_group;
    bool dma_latency; /* may write /dev/cpu_dma_latency */

    bool pipewire, pulseaudio, rtkit;  /* is running */
    bool pipewire_jack;                /* the linker is told to take PipeWire's libjack */
    int jackd_pid;                     /* 0: none runs */
    char servers[MACHINE_SERVERS][64]; /* names of JACK servers that listen */
    int nservers;
    int64_t free_bytes; /* where the current folder is; -1: unknown */
};

/* Returns how many, at most max. */
int machine_cards(struct machine_card *cards, int max, const char *root);

/* All of it. */
void machine_read(struct machine *m, const char *root);

/* Tries: whether the calling thread may run SCHED_FIFO at this priority now. Puts the thread back as it was. */
bool machine_realtime(int priority);

#endif

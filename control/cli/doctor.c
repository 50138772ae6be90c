/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deadwax doctor: what stands between this machine and low latency, each with the mend.
 *
 * engine/machine gathers the facts; the table at the end has a row for each question, and a row's function judges.
 */
#include "control/cli/cli.h"

#include "engine/jackd.h"
#include "engine/machine.h"
#include "engine/profile.h"

#include <jansson.h>

#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum state { GOOD, NOTE, PROBLEM };

static const char *const state_names[] = {"ok", "note", "problem"};
static const char *const state_colours[] = {"\033[32m", "\033[33m", "\033[31m"};

struct finding {
    const char *check;
    enum state state;
    char text[320];
    char mend[480]; /* "" where nothing needs one */
};

struct doctor {
    struct machine m;
    const char *root;    /* "": this machine */
    char profiles[1024]; /* "" if there are none */
    struct err no_profiles;
    int priority; /* the highest that SCHED_FIFO gave us; 0: none */
    char jackd[1024], version[64];
    const char *check; /* the row at work */
    struct finding findings[64];
    int nfindings;
};

static const char audio_limits[] =
    "put `@audio - rtprio 95` and `@audio - memlock unlimited` into /etc/security/limits.d/audio.conf "
    "(Debian: dpkg-reconfigure -p high jackd2), then `sudo usermod -aG audio $USER` and log in again";

/* mend comes first, "" for none, so that the sentence can be a format. */
__attribute__((format(printf, 4, 5))) static void
say(struct doctor *d, enum state state, const char *mend, const char *format, ...)
{
    struct finding *f = &d->findings[d->nfindings];
    va_list ap;

    if (d->nfindings == (int)LEN(d->findings))
        return;
    d->nfindings++;
    f->check = d->check;
    f->state = state;
    snprintf(f->mend, sizeof f->mend, "%s", mend);
    va_start(ap, format);
    vsnprintf(f->text, sizeof f->text, format, ap);
    va_end(ap);
}

/* --- permissions ------------------------------------------------------------------------------------ */

static void
judge_realtime(struct doctor *d)
{
    char mend[480];

    if (d->priority >= 70) {
        say(d, GOOD, "", "SCHED_FIFO is allowed, priority %d", d->priority);
    } else if (d->priority > 0) {
        say(d, NOTE, "raise rtprio to 95 in /etc/security/limits.d",
            "SCHED_FIFO is allowed, but only to priority %d", d->priority);
    } else if (d->m.root_user || d->m.rtprio > 0) {
        say(d, PROBLEM,
            "in a container add --cap-add=SYS_NICE --ulimit rtprio=95; elsewhere look at the cgroup's "
            "cpu.rt_runtime_us",
            "SCHED_FIFO is refused although limits or root should allow it");
    } else if (d->m.in_rt_group) {
        snprintf(mend, sizeof mend, "log out and in again (services: LimitRTPRIO=95 in the unit)");
        say(d, PROBLEM, mend, "you are in the group %s, but this session has no real-time limit",
            d->m.rt_group + 1);
    } else if (d->m.rt_group[0] == '@') {
        snprintf(mend, sizeof mend, "`sudo usermod -aG %s $USER`, then log in again", d->m.rt_group + 1);
        say(d, PROBLEM, mend, "only the group %s may run in real time, and you are not in it",
            d->m.rt_group + 1);
    } else {
        say(d, PROBLEM, audio_limits,
            "nobody is allowed to run in real time: expect xruns at each busy moment");
    }
}

static void
judge_memlock(struct doctor *d)
{
    const int64_t mib = d->m.memlock_bytes >> 20;

    if (d->m.memlock_bytes < 0)
        say(d, GOOD, "", "memory may be locked without limit");
    else if (mib >= 256)
        say(d, GOOD, "", "%" PRId64 " MiB may be locked", mib);
    else
        say(d, NOTE, audio_limits, "only %" PRId64 " MiB may be locked: jackd's memory can be paged out",
            mib);
}

static void
judge_dma_latency(struct doctor *d)
{
    if (d->m.dma_latency)
        say(d, GOOD, "", "/dev/cpu_dma_latency can be held: processors need not sleep deeply");
    else
        say(d, NOTE,
            "put KERNEL==\"cpu_dma_latency\", GROUP=\"audio\", MODE=\"0660\" into "
            "/etc/udev/rules.d/99-audio.rules",
            "/dev/cpu_dma_latency can't be written: waking from deep sleep may cost 100 us and more");
}

static void
judge_rtkit(struct doctor *d)
{
    if (d->m.pipewire && !d->m.rtkit && !d->priority)
        say(d, NOTE, "apt install rtkit, then log in again",
            "rtkit does not run: PipeWire has no way to real-time priority");
    else
        say(d, GOOD, "", "rtkit %s; JACK takes its priority from the limits, not from it",
            d->m.rtkit ? "runs" : "does not run");
}

/* --- kernel and processors -------------------------------------------------------------------------- */

static void
judge_kernel(struct doctor *d)
{
    static const char mend[] =
        "add `preempt=full threadirqs` to GRUB_CMDLINE_LINUX_DEFAULT in /etc/default/grub, "
        "`sudo update-grub`, restart";

    switch (d->m.preempt) {
    case PREEMPT_REALTIME: say(d, GOOD, "", "%s, PREEMPT_RT", d->m.kernel); break;
    case PREEMPT_FULL:
        say(d, d->m.threadirqs ? GOOD : NOTE, d->m.threadirqs ? "" : mend, "%s, full preemption, %s",
            d->m.kernel, d->m.threadirqs ? "threaded interrupts" : "interrupts not threaded");
        break;
    case PREEMPT_VOLUNTARY:
        say(d, NOTE, mend, "%s, voluntary preemption: fine from about 256 frames, lower wants more",
            d->m.kernel);
        break;
    case PREEMPT_UNKNOWN: say(d, NOTE, "is /proc mounted?", "the kernel does not say what it is"); break;
    }
}

static void
judge_governor(struct doctor *d)
{
    if (!d->m.governor[0])
        say(d, GOOD, "", "no frequency scaling is visible (processors: %d)", d->m.cpus);
    else if (!strcmp(d->m.governor, "performance"))
        say(d, GOOD, "", "performance, on all processors (%d)", d->m.cpus);
    else
        say(d, NOTE, "`sudo cpupower frequency-set -g performance` (Debian: apt install linux-cpupower)",
            "governor is %s: the clock follows the load too late for short periods", d->m.governor);
}

static void
judge_smt(struct doctor *d)
{
    if (d->m.smt)
        say(d, NOTE, "only if xruns stay: `echo off | sudo tee /sys/devices/system/cpu/smt/control`",
            "on: two threads share a core, and the callback's time varies with the neighbour");
    else
        say(d, GOOD, "", "off, or not there");
}

static void
judge_swap(struct doctor *d)
{
    if (!d->m.swap_kib)
        say(d, GOOD, "", "none");
    else if (d->m.swappiness >= 0 && d->m.swappiness <= 10)
        say(d, GOOD, "", "%" PRId64 " MiB, swappiness %d", d->m.swap_kib >> 10, d->m.swappiness);
    else
        say(d, NOTE, "put vm.swappiness=10 into /etc/sysctl.d/99-audio.conf, `sudo sysctl --system`",
            "%" PRId64 " MiB, swappiness %d: idle memory goes to the disk early", d->m.swap_kib >> 10,
            d->m.swappiness);
}

/* --- servers ---------------------------------------------------------------------------------------- */

static void
judge_jackd(struct doctor *d)
{
    if (d->version[0])
        say(d, GOOD, "", "%s, version %s", d->jackd, d->version);
    else if (d->jackd[0])
        say(d, PROBLEM, "apt install --reinstall jackd2", "%s does not tell its version", d->jackd);
    else if (d->m.pipewire_jack)
        say(d, GOOD, "", "not installed, and not needed: PipeWire stands in for JACK");
    else
        say(d, PROBLEM, "apt install jackd2", "not installed: deadwax can join a server, but not start one");
}

static void
judge_server(struct doctor *d)
{
    for (int i = 0; i < d->m.nservers; i++)
        say(d, GOOD, "", "'%s' runs%s", d->m.servers[i],
            strcmp(d->m.servers[i], "default") ? ": `deadwax run --server` joins it" : ": deadwax joins it");
    if (d->m.nservers)
        return;
    if (d->m.jackd_pid)
        say(d, NOTE, "if no program reaches it, end it", "jackd runs (process %d), but does not listen here",
            d->m.jackd_pid);
    else
        say(d, GOOD, "", "none runs: deadwax starts one and stops it again");
}

static void
judge_libjack(struct doctor *d)
{
    if (d->m.pipewire_jack)
        say(d, NOTE, "to use jackd: remove /etc/ld.so.conf.d/pipewire-jack-*.conf, then `sudo ldconfig`",
            "PipeWire's libjack comes first: programs reach PipeWire, never jackd");
    else
        say(d, GOOD, "", "JACK's own, as far as the linker's configuration tells");
}

static bool
is_desktop_sound(const char *program)
{
    return !strncmp(program, "pipewire", 8) || !strcmp(program, "pulseaudio") ||
           !strcmp(program, "wireplumber");
}

static void
judge_desktop(struct doctor *d)
{
    const char *who = d->m.pipewire ? "PipeWire" : "PulseAudio";

    if (!d->m.pipewire && !d->m.pulseaudio)
        say(d, GOOD, "", "no PipeWire, no PulseAudio: the cards are free for JACK");
    else
        say(d, NOTE, "if jackd says that the card is busy: turn the card off in the desktop's sound settings",
            "%s runs: it should hand a card over when jackd asks", who);
}

/* --- cards ------------------------------------------------------------------------------------------ */

static void
judge_holder(struct doctor *d, const struct machine_card *c)
{
    char mend[480];

    if (!c->holder[0])
        return;
    if (!strncmp(c->holder, "jackd", 5) || !strcmp(c->holder, "jackdbus")) {
        say(d, GOOD, "", "hw:%s is open in %s (process %d)", c->id, c->holder, c->holder_pid);
        return;
    }
    if (is_desktop_sound(c->holder))
        snprintf(
            mend, sizeof mend,
            "turn the card off in the desktop's sound settings, or `systemctl --user stop pipewire.socket "
            "pipewire pulseaudio.socket pulseaudio` while you work");
    else
        snprintf(mend, sizeof mend, "end %s (process %d), or have it play through JACK", c->holder,
                 c->holder_pid);
    say(d, is_desktop_sound(c->holder) ? NOTE : PROBLEM, mend, "hw:%s is held by %s (process %d)", c->id,
        c->holder, c->holder_pid);
}

static void
judge_card(struct doctor *d, const struct machine_card *c)
{
    struct interface_profile *p = NULL;
    const struct machine_card *chosen;
    struct err e;

    if (!c->playback)
        say(d, GOOD, "", "hw:%s, %s: %s", c->id, c->name,
            c->capture ? "records only" : "has no audio, MIDI perhaps");
    else if (!d->profiles[0])
        say(d, GOOD, "", "hw:%s, %s%s%s", c->id, c->name, c->usb[0] ? ", USB " : "", c->usb);
    else if (profile_choose_interface(d->profiles, c, 1, &p, &chosen, &e) != OK)
        say(d, PROBLEM, e.text, "hw:%s, %s: no profile", c->id, c->name);
    else
        say(d, GOOD,
            strcmp(p->name, "generic") || !c->usb[0]
                ? ""
                : "to name its channels write a profile: see generic.yaml",
            "hw:%s, %s%s%s: profile %s, %d Hz, %d x %d", c->id, c->name, c->usb[0] ? ", USB " : "", c->usb,
            p->name, p->rate_hz, p->period, p->nperiods);
    interface_free(p);
    judge_holder(d, c);
}

static void
judge_cards(struct doctor *d)
{
    for (int i = 0; i < d->m.ncards; i++)
        judge_card(d, &d->m.cards[i]);
    if (!d->m.ncards)
        say(d, NOTE, "plug an interface in; in a container or a virtual machine hand it through",
            "none: deadwax runs on JACK's dummy backend and makes no sound");
}

/* Which of them a bare `deadwax run` takes. */
static void
judge_profiles(struct doctor *d)
{
    struct interface_profile *p;
    const struct machine_card *c;
    struct err e;

    if (!d->profiles[0]) {
        say(d, PROBLEM, "set DEADWAX_HW_PROFILES to the hw-profiles folder", "%s", d->no_profiles.text);
        return;
    }
    if (profile_choose_interface(d->profiles, d->m.cards, d->m.ncards, &p, &c, &e) != OK) {
        say(d, PROBLEM, "install deadwax again, or --profiles DIR", "%s", e.text);
        return;
    }
    say(d, GOOD, "", "deadwax run takes %s%s, profile %s", c ? "hw:" : "the dummy backend", c ? c->id : "",
        p->name);
    if (e.text[0])
        say(d, PROBLEM, "`deadwax profile check FILE` after mending it", "passed over: %s", e.text);
    interface_free(p);
}

/* --- disk ------------------------------------------------------------------------------------------- */

/* A print in 32-bit float takes 48000 * 2 * 4 bytes each second: 1.38 GB an hour. */
static void
judge_disk(struct doctor *d)
{
    const double gb = (double)d->m.free_bytes / 1e9, hours = gb / (48000.0 * 8 * 3600 / 1e9);

    if (d->m.free_bytes < 0)
        say(d, NOTE, "go to another folder", "the current folder does not tell how much is free");
    else
        say(d,
            hours >= 5   ? GOOD
            : hours >= 1 ? NOTE
                         : PROBLEM,
            hours >= 5 ? "" : "make room, or print to another disk",
            "%.1f GB free here: %.1f h of print (48 kHz, float)", gb, hours);
}

/* --- the table -------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*judge)(struct doctor *d);
} checks[] = {
    {"real-time priority", judge_realtime},
    {"memory lock", judge_memlock},
    {"kernel", judge_kernel},
    {"processor clock", judge_governor},
    {"processor sleep", judge_dma_latency},
    {"hyper-threading", judge_smt},
    {"swap", judge_swap},
    {"rtkit", judge_rtkit},
    {"jackd", judge_jackd},
    {"JACK server", judge_server},
    {"libjack", judge_libjack},
    {"desktop sound", judge_desktop},
    {"sound card", judge_cards},
    {"interface profile", judge_profiles},
    {"disk", judge_disk},
};

/* --root shows another machine's files: then its limits have to stand for the trial. */
static void
examine(struct doctor *d, const char *profiles)
{
    const bool here = !d->root[0];

    machine_read(&d->m, d->root);
    if (profile_dir(profiles, d->profiles, sizeof d->profiles, &d->no_profiles) != OK)
        d->profiles[0] = 0;
    for (int p = 70; p >= 10 && !d->priority; p -= 10)
        if (here ? machine_realtime(p) : d->m.rtprio >= p)
            d->priority = p;
    if (here && jackd_find(d->jackd, sizeof d->jackd))
        jackd_version(d->jackd, d->version, sizeof d->version);
    for (size_t i = 0; i < LEN(checks); i++) {
        d->check = checks[i].name;
        checks[i].judge(d);
    }
}

/* --- output ----------------------------------------------------------------------------------------- */

static int
count(const struct doctor *d, enum state state)
{
    int n = 0;

    for (int i = 0; i < d->nfindings; i++)
        n += d->findings[i].state == state;
    return n;
}

static void
print_text(const struct doctor *d)
{
    const char *term = getenv("TERM");
    const bool colours = isatty(STDOUT_FILENO) && !getenv("NO_COLOR") && term && strcmp(term, "dumb");

    for (int i = 0; i < d->nfindings; i++) {
        const struct finding *f = &d->findings[i];
        const bool again = i > 0 && f->check == f[-1].check;

        printf("%s%-8s%s %-19s %s\n", colours ? state_colours[f->state] : "", state_names[f->state],
               colours ? "\033[0m" : "", again ? "" : f->check, f->text);
        if (f->mend[0])
            printf("%-28s -> %s\n", "", f->mend);
    }
    printf("%d problem%s, %d note%s\n", count(d, PROBLEM), count(d, PROBLEM) == 1 ? "" : "s", count(d, NOTE),
           count(d, NOTE) == 1 ? "" : "s");
}

static int
print_json(const struct doctor *d)
{
    json_t *list = json_array(), *all;
    int failed;

    for (int i = 0; i < d->nfindings; i++) {
        const struct finding *f = &d->findings[i];

        /* Names that come from a device may be no UTF-8; such a line keeps its place without them. */
        json_t *row = json_pack("{ss ss ss ss}", "check", f->check, "state", state_names[f->state], "text",
                                f->text, "mend", f->mend);
        json_array_append_new(list,
                              row ? row
                                  : json_pack("{ss ss ss ss}", "check", f->check, "state",
                                              state_names[f->state], "text", "(unreadable)", "mend", ""));
    }
    all = json_pack("{so si si}", "checks", list, "problems", count(d, PROBLEM), "notes", count(d, NOTE));
    failed = !all || json_dumpf(all, stdout, JSON_INDENT(2));
    json_decref(all);
    putchar('\n');
    return failed;
}

static void
usage(FILE *to)
{
    fputs("usage: deadwax doctor [--json] [--profiles DIR] [--root DIR]\n"
          "What stands between this machine and low latency, each with the mend.\n"
          "  --json          one JSON object\n"
          "  --profiles DIR  hw-profiles folder\n"
          "  --root DIR      look at a copy of /proc, /sys, /etc and /dev instead\n",
          to);
}

int
doctor_main(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"profiles", required_argument, NULL, 'p'},
                                            {"root", required_argument, NULL, 'r'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *profiles = NULL;
    bool json = false;
    struct doctor *d = calloc(1, sizeof *d);
    int o, result = 0;

    if (!d)
        return 1;
    d->root = "";
    optind = 0; /* main has read its own options before */
    while ((o = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (o == 'j')
            json = true;
        else if (o == 'p')
            profiles = optarg;
        else if (o == 'r')
            d->root = optarg;
        else {
            usage(o == 'h' ? stdout : stderr);
            free(d);
            return o == 'h' ? 0 : 2;
        }
    }
    if (optind < argc) {
        free(d);
        return cli_fail(2, "doctor: '%s' is not understood: it takes --json, --profiles and --root",
                        argv[optind]);
    }
    examine(d, profiles);
    if (json)
        result = print_json(d);
    else
        print_text(d);
    free(d);
    return result;
}

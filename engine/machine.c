/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Everything here comes from text files that the kernel or the administrator wrote; none of them is trusted to be
 * there, complete, or short.
 */
#include "engine/machine.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { PATH_SIZE = 1024, TEXT_SIZE = 65536 };

/* --- small files ------------------------------------------------------------------------------------ */

static bool
path_of(char *path, const char *root, const char *format, va_list ap)
{
    int n = snprintf(path, PATH_SIZE, "%s/", root ? root : "");

    if (n < 0 || n >= PATH_SIZE)
        return false;
    int m = vsnprintf(path + n, (size_t)(PATH_SIZE - n), format, ap);
    return m >= 0 && m < PATH_SIZE - n;
}

/* The file's beginning as a string, "" if it can't be read. */
__attribute__((format(printf, 4, 5))) static bool
read_text(char *text, size_t size, const char *root, const char *format, ...)
{
    char path[PATH_SIZE];
    va_list ap;
    bool good;
    FILE *f;

    text[0] = 0;
    va_start(ap, format);
    good = path_of(path, root, format, ap);
    va_end(ap);
    if (!good || !(f = fopen(path, "re")))
        return false;
    text[fread(text, 1, size - 1, f)] = 0;
    fclose(f);
    return true;
}

/* The same, its first line alone. */
__attribute__((format(printf, 4, 5))) static bool
read_line(char *line, size_t size, const char *root, const char *format, ...)
{
    char path[PATH_SIZE];
    va_list ap;
    bool good;
    FILE *f;

    line[0] = 0;
    va_start(ap, format);
    good = path_of(path, root, format, ap);
    va_end(ap);
    if (!good || !(f = fopen(path, "re")))
        return false;
    good = fgets(line, (int)size, f);
    fclose(f);
    line[good ? strcspn(line, "\n") : 0] = 0;
    return good;
}

__attribute__((format(printf, 2, 3))) static DIR *
open_dir(const char *root, const char *format, ...)
{
    char path[PATH_SIZE];
    va_list ap;
    bool good;

    va_start(ap, format);
    good = path_of(path, root, format, ap);
    va_end(ap);
    return good ? opendir(path) : NULL;
}

static void
copy(char *to, size_t size, const char *from, size_t length)
{
    size_t n = length < size ? length : size - 1;

    memcpy(to, from, n);
    to[n] = 0;
    while (n > 0 && isspace((unsigned char)to[n - 1]))
        to[--n] = 0;
}

/* What follows "key" at the start of a line, past blanks and a colon; NULL if there is no such line. */
static const char *
value_of(const char *text, const char *key)
{
    size_t n = strlen(key);

    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (!strncmp(line, key, n) && strchr(" \t:", line[n]))
            return line + n + strspn(line + n, " \t:");
        if (!*line)
            break;
    }
    return NULL;
}

static bool
has_word(const char *text, const char *word)
{
    size_t n = strlen(word);

    for (const char *at = text; (at = strstr(at, word)); at += n)
        if ((at == text || isspace((unsigned char)at[-1])) && (!at[n] || isspace((unsigned char)at[n])))
            return true;
    return false;
}

/* --- cards ------------------------------------------------------------------------------------------ */

/* " 4 [USB            ]: USB-Audio - Scarlett 18i20 USB", then a line with the long name. */
static bool
parse_card(struct machine_card *c, const char *line)
{
    const char *open = strchr(line, '['), *close = strchr(line, ']'), *dash;
    char *end;
    long number = strtol(line, &end, 10);

    if (end == line || number < 0 || number > 4096 || !open || !close || close < open || close[1] != ':')
        return false;
    memset(c, 0, sizeof *c);
    c->number = (int)number;
    copy(c->id, sizeof c->id, open + 1, (size_t)(close - open - 1));
    close += 2 + strspn(close + 2, " ");
    dash = strstr(close, " - ");
    if (!dash)
        dash = close + strcspn(close, "\n");
    copy(c->driver, sizeof c->driver, close, (size_t)(dash - close));
    if (*dash == ' ')
        copy(c->name, sizeof c->name, dash + 3, strcspn(dash + 3, "\n"));
    return true;
}

static bool
pcm_is_hdmi(const char *root, int card, const char *pcm)
{
    char text[1024];

    read_text(text, sizeof text, root, "proc/asound/card%d/%s/info", card, pcm);
    return strstr(text, "HDMI") || strstr(text, "DisplayPort");
}

/* owner_pid is a thread's; people know the process. */
static void
name_holder(struct machine_card *c, const char *root, int thread)
{
    char text[4096];
    const char *group;

    c->holder_pid = thread;
    read_text(text, sizeof text, root, "proc/%d/status", thread);
    if ((group = value_of(text, "Tgid")) && atoi(group) > 0)
        c->holder_pid = atoi(group);
    if (!read_line(c->holder, sizeof c->holder, root, "proc/%d/comm", c->holder_pid))
        snprintf(c->holder, sizeof c->holder, "process");
}

static void
find_holder(struct machine_card *c, const char *root, const char *pcm)
{
    DIR *d = open_dir(root, "proc/asound/card%d/%s", c->number, pcm);
    const struct dirent *entry;
    const char *owner;
    char text[1024];

    if (!d)
        return;
    while (!c->holder[0] && (entry = readdir(d)))
        if (!strncmp(entry->d_name, "sub", 3)) {
            read_text(text, sizeof text, root, "proc/asound/card%d/%s/%s/status", c->number, pcm,
                      entry->d_name);
            if ((owner = value_of(text, "owner_pid")) && atoi(owner) > 0)
                name_holder(c, root, atoi(owner));
        }
    closedir(d);
}

static void
add_pcm(struct machine_card *c, const char *root, const char *pcm, int device, char kind)
{
    bool *has = kind == 'p' ? &c->playback : &c->capture;
    int *lowest = kind == 'p' ? &c->playback_device : &c->capture_device;

    if (!*has || device < *lowest)
        *lowest = device;
    if (kind == 'p')
        c->hdmi = (c->hdmi || !c->playback) && pcm_is_hdmi(root, c->number, pcm);
    *has = true;
    if (!c->holder[0])
        find_holder(c, root, pcm);
}

static void
read_card(struct machine_card *c, const char *root)
{
    DIR *d = open_dir(root, "proc/asound/card%d", c->number);
    const struct dirent *entry;
    char word[64], kind, rest;
    int device;

    if (read_line(word, sizeof word, root, "proc/asound/card%d/id", c->number) && word[0])
        copy(c->id, sizeof c->id, word, strlen(word));
    if (read_line(word, sizeof word, root, "proc/asound/card%d/usbid", c->number))
        copy(c->usb, sizeof c->usb, word, strlen(word));
    if (!d)
        return;
    while ((entry = readdir(d)))
        if (sscanf(entry->d_name, "pcm%d%c%c", &device, &kind, &rest) == 2 && (kind == 'p' || kind == 'c'))
            add_pcm(c, root, entry->d_name, device, kind);
    closedir(d);
}

int
machine_cards(struct machine_card *cards, int max, const char *root)
{
    char text[16384], *line, *rest = text;
    int n = 0;
    bool named = false;

    read_text(text, sizeof text, root, "proc/asound/cards");
    while ((line = strsep(&rest, "\n"))) {
        if (n < max && parse_card(&cards[n], line)) {
            n++;
            named = true;
        } else if (named) {
            line += strspn(line, " ");
            copy(cards[n - 1].long_name, sizeof cards[n - 1].long_name, line, strlen(line));
            named = false;
        }
    }
    for (int i = 0; i < n; i++)
        read_card(&cards[i], root);
    return n;
}

/* --- kernel and processors -------------------------------------------------------------------------- */

/* PREEMPT_DYNAMIC says only that it can be chosen at boot: debugfs tells where we may read it, else the command
   line, else Debian's and most others' default. */
static enum machine_preempt
read_preempt(const char *root, const char *version, const char *cmdline)
{
    char text[256];

    read_line(text, sizeof text, root, "sys/kernel/realtime");
    if (text[0] == '1' || strstr(version, "PREEMPT_RT"))
        return PREEMPT_REALTIME;
    if (strstr(version, "PREEMPT_DYNAMIC")) {
        if (read_line(text, sizeof text, root, "sys/kernel/debug/sched/preempt"))
            return strstr(text, "(full)") ? PREEMPT_FULL : PREEMPT_VOLUNTARY;
        return has_word(cmdline, "preempt=full") ? PREEMPT_FULL : PREEMPT_VOLUNTARY;
    }
    if (has_word(version, "PREEMPT"))
        return PREEMPT_FULL;
    return version[0] ? PREEMPT_VOLUNTARY : PREEMPT_UNKNOWN;
}

static void
read_kernel(struct machine *m, const char *root)
{
    char version[512], cmdline[4096];

    read_line(version, sizeof version, root, "proc/version");
    read_line(cmdline, sizeof cmdline, root, "proc/cmdline");
    read_line(m->kernel, sizeof m->kernel, root, "proc/sys/kernel/osrelease");
    m->preempt = read_preempt(root, version, cmdline);
    m->threadirqs = has_word(cmdline, "threadirqs") || m->preempt == PREEMPT_REALTIME;
}

static void
read_cpus(struct machine *m, const char *root)
{
    DIR *d = open_dir(root, "sys/devices/system/cpu");
    const struct dirent *entry;
    char word[32], rest;
    int cpu;

    read_line(word, sizeof word, root, "sys/devices/system/cpu/smt/active");
    m->smt = word[0] == '1';
    if (!d)
        return;
    while ((entry = readdir(d))) {
        if (sscanf(entry->d_name, "cpu%d%c", &cpu, &rest) != 1)
            continue;
        m->cpus++;
        if (read_line(word, sizeof word, root, "sys/devices/system/cpu/cpu%d/cpufreq/scaling_governor",
                      cpu) &&
            (!m->governor[0] || strcmp(word, "performance")))
            copy(m->governor, sizeof m->governor, word, strlen(word));
    }
    closedir(d);
}

static void
read_memory(struct machine *m, const char *root)
{
    char text[8192], word[32];
    const char *value;

    read_text(text, sizeof text, root, "proc/meminfo");
    if ((value = value_of(text, "MemTotal")))
        m->ram_kib = strtoll(value, NULL, 10);
    if ((value = value_of(text, "SwapTotal")))
        m->swap_kib = strtoll(value, NULL, 10);
    m->swappiness = read_line(word, sizeof word, root, "proc/sys/vm/swappiness") ? atoi(word) : -1;
}

/* --- permissions ------------------------------------------------------------------------------------ */

/* One file of limits: "@audio - rtprio 95". A group is what we look for; a user's or everybody's line will do. */
static void
read_limits_file(struct machine *m, const char *root, const char *name)
{
    char text[TEXT_SIZE], *line, *rest = text, who[64], type[16], item[16];
    int value;

    read_text(text, sizeof text, root, "etc/security/%s", name);
    while ((line = strsep(&rest, "\n"))) {
        line += strspn(line, " \t");
        if (*line == '#' || sscanf(line, "%63s %15s %15s %d", who, type, item, &value) != 4)
            continue;
        if (!strcmp(item, "rtprio") && value > 0 && m->rt_group[0] != '@')
            snprintf(m->rt_group, sizeof m->rt_group, "%s", who);
    }
}

static void
read_limits_files(struct machine *m, const char *root)
{
    DIR *d = open_dir(root, "etc/security/limits.d");
    const struct dirent *entry;
    char name[300];

    read_limits_file(m, root, "limits.conf");
    if (!d)
        return;
    while ((entry = readdir(d))) {
        size_t n = strlen(entry->d_name);

        if (n < 5 || strcmp(entry->d_name + n - 5, ".conf"))
            continue;
        snprintf(name, sizeof name, "limits.d/%s", entry->d_name);
        read_limits_file(m, root, name);
    }
    closedir(d);
}

/* The number of a group in /etc/group; -1. */
static long
group_number(const char *root, const char *group)
{
    char text[TEXT_SIZE], *line, *rest = text;
    size_t n = strlen(group);

    read_text(text, sizeof text, root, "etc/group");
    while ((line = strsep(&rest, "\n"))) {
        char *number = strncmp(line, group, n) || line[n] != ':' ? NULL : strchr(line + n + 1, ':');

        if (number)
            return strtol(number + 1, NULL, 10);
    }
    return -1;
}

static bool
in_group(const char *root, const char *status, const char *group)
{
    const char *at = value_of(status, "Groups");
    long want = group_number(root, group);
    char *end;

    for (; want >= 0 && at && *at && *at != '\n'; at = end + strspn(end, " \t")) {
        long have = strtol(at, &end, 10);

        if (end == at)
            return false;
        if (have == want)
            return true;
    }
    return false;
}

/* A soft limit in /proc/self/limits; -1: none. */
static int64_t
limit_of(const char *limits, const char *what)
{
    const char *value = value_of(limits, what);

    if (!value)
        return 0;
    return !strncmp(value, "unlimited", 9) ? -1 : strtoll(value, NULL, 10);
}

static void
read_permissions(struct machine *m, const char *root)
{
    char limits[4096], status[8192], path[PATH_SIZE];
    const char *uid;

    read_text(limits, sizeof limits, root, "proc/self/limits");
    read_text(status, sizeof status, root, "proc/self/status");
    m->rtprio = (int)limit_of(limits, "Max realtime priority");
    if (m->rtprio < 0 || m->rtprio > 99)
        m->rtprio = 99;
    m->memlock_bytes = limit_of(limits, "Max locked memory");
    uid = value_of(status, "Uid");
    m->root_user = uid && strtol(uid, NULL, 10) == 0;
    read_limits_files(m, root);
    m->in_rt_group = m->rt_group[0] == '@' && in_group(root, status, m->rt_group + 1);
    snprintf(path, sizeof path, "%s/dev/cpu_dma_latency", root ? root : "");
    m->dma_latency = !access(path, W_OK);
}

/* --- who else is here ------------------------------------------------------------------------------- */

static void
read_processes(struct machine *m, const char *root)
{
    DIR *d = open_dir(root, "proc");
    const struct dirent *entry;
    char name[64];

    if (!d)
        return;
    while ((entry = readdir(d))) {
        if (!isdigit((unsigned char)entry->d_name[0]) ||
            !read_line(name, sizeof name, root, "proc/%s/comm", entry->d_name))
            continue;
        m->pipewire |= !strcmp(name, "pipewire");
        m->pulseaudio |= !strcmp(name, "pulseaudio");
        m->rtkit |= !strcmp(name, "rtkit-daemon");
        if (!strcmp(name, "jackd") || !strcmp(name, "jackdmp") || !strcmp(name, "jackdbus"))
            m->jackd_pid = atoi(entry->d_name);
    }
    closedir(d);
}

/* A JACK2 server listens on /dev/shm/jack_NAME_UID_0. The kernel's list holds live sockets only, the folder also
   what a killed server left. */
static void
add_server(struct machine *m, const char *line)
{
    const char *at = strstr(line, "/jack_"), *end;

    if (!at || m->nservers == MACHINE_SERVERS)
        return;
    at += strlen("/jack_");
    end = at + strlen(at);
    if (end - at < 5 || strcmp(end - 2, "_0"))
        return;
    for (end -= 3; end > at && isdigit((unsigned char)*end); end--)
        ;
    if (*end != '_' || end == at)
        return;
    copy(m->servers[m->nservers], sizeof m->servers[0], at, (size_t)(end - at));
    for (int i = 0; i < m->nservers; i++) /* each connection is a line too */
        if (!strcmp(m->servers[i], m->servers[m->nservers]))
            return;
    m->nservers++;
}

static void
read_servers(struct machine *m, const char *root)
{
    char path[PATH_SIZE], line[512];
    FILE *f;

    snprintf(path, sizeof path, "%s/proc/net/unix", root ? root : "");
    if (!(f = fopen(path, "re")))
        return;
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = 0;
        add_server(m, line);
    }
    fclose(f);
}

static bool
linker_takes_pipewire(const char *root)
{
    DIR *d = open_dir(root, "etc/ld.so.conf.d");
    const struct dirent *entry;
    bool found = false;

    if (!d)
        return false;
    while ((entry = readdir(d)))
        found |= !strncmp(entry->d_name, "pipewire-jack", strlen("pipewire-jack"));
    closedir(d);
    return found;
}

void
machine_read(struct machine *m, const char *root)
{
    struct statvfs fs;

    memset(m, 0, sizeof *m);
    m->ncards = machine_cards(m->cards, MACHINE_CARDS, root);
    read_kernel(m, root);
    read_cpus(m, root);
    read_memory(m, root);
    read_permissions(m, root);
    read_processes(m, root);
    read_servers(m, root);
    m->pipewire_jack = linker_takes_pipewire(root);
    m->free_bytes = statvfs(".", &fs) ? -1 : (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
}

bool
machine_realtime(int priority)
{
    struct sched_param before, wanted = {.sched_priority = priority};
    int policy = sched_getscheduler(0);

    if (policy < 0 || sched_getparam(0, &before))
        return false;
    if (sched_setscheduler(0, SCHED_FIFO, &wanted))
        return false;
    sched_setscheduler(0, policy, &before);
    return true;
}

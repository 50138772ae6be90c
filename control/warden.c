/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/warden.h"

#include "control/sockets.h"

#include <stdio.h>
#include <string.h>

#define COUNTED_NS INT64_C(1000000000)

struct counter {
    const char *path;
    size_t offset;
};

#define OSC(name)                                                                                            \
    {                                                                                                        \
        "/control/osc/" #name, offsetof(struct osc_counts, name)                                             \
    }
static const struct counter osc_counters[] = {
    OSC(packets), OSC(messages), OSC(sets),         OSC(questions), OSC(malformed),
    OSC(unknown), OSC(refused),  OSC(late_bundles), OSC(sent),      OSC(dropped),
};

#define TCP(name)                                                                                            \
    {                                                                                                        \
        "/control/tcp/" #name, offsetof(struct sockets_counts, name)                                         \
    }
static const struct counter tcp_counters[] = {
    TCP(connections), TCP(no_room), TCP(given_away), TCP(turned_out), TCP(spoiled), TCP(slow),
};

#define DOOR(name)                                                                                           \
    {                                                                                                        \
        "/control/door/" #name, offsetof(struct door_counts, name)                                           \
    }
static const struct counter door_counters[] = {
    DOOR(strangers),   DOOR(floods),    DOOR(paired),    DOOR(wrong_codes), DOOR(closed),    DOOR(bad_tokens),
    DOOR(bad_origins), DOOR(bad_hosts), DOOR(oversized), DOOR(bad_paths),   DOOR(malformed),
};

static void
report(struct warden *w, const struct counter *counter, size_t n, const void *counts)
{
    for (size_t i = 0; i < n; i++)
        engine_report(w->engine, param_find(counter[i].path),
                      (double)*(const uint64_t *)((const char *)counts + counter[i].offset));
}

static void
count(struct warden *w)
{
    report(w, osc_counters, LEN(osc_counters), osc_counts(w->osc));
    report(w, tcp_counters, LEN(tcp_counters), osc_tcp_counts(w->osc));
    report(w, door_counters, LEN(door_counters), door_counts(w->door));
    engine_report(w->engine, param_find("/control/clients"), osc_clients(w->osc));
    engine_report(w->engine, param_find("/control/connections"), osc_connections(w->osc));
}

void
warden_begin(struct warden *w, struct engine *engine, struct door *door, const struct osc *osc)
{
    *w = (struct warden){.engine = engine, .door = door, .osc = osc, .counted_ns = INT64_MIN};
    w->id_open = param_find("/control/pair/open");
    w->id_paired = param_find("/control/paired");
    w->id_revoke = param_find("/control/revoke");
}

/* A hand has moved the row when it does not say what was told last. */
static bool
tend_pairing(struct warden *w, int64_t now_ns, struct err *e)
{
    bool wanted = engine_get(w->engine, w->id_open) != 0.0, open = door_code(w->door, now_ns)[0] != '\0';
    bool good = wanted == w->open || wanted == open || door_let(w->door, wanted, now_ns, e) == OK;

    w->open = door_code(w->door, now_ns)[0] != '\0';
    engine_report(w->engine, w->id_open, w->open);
    return good;
}

/* door_tick tells what comes of it. */
static bool
revoke(struct warden *w, struct err *e)
{
    char who[PARAM_TEXT_SIZE];

    snprintf(who, sizeof who, "%s", engine_get_text(w->engine, w->id_revoke));
    if (!who[0])
        return true;
    engine_report_text(w->engine, w->id_revoke, "");
    return door_revoke(w->door, who, e) == OK;
}

bool
warden_tick(struct warden *w, int64_t now_ns, char *news, size_t size)
{
    char list[PARAM_TEXT_SIZE];
    struct err e = {""};
    bool told =
        !revoke(w, &e) || !tend_pairing(w, now_ns, &e) || door_tick(w->door, now_ns, &e); /* one a tick */

    if (told)
        snprintf(news, size, "%s", e.text);
    door_list(w->door, list, sizeof list);
    engine_report_text(w->engine, w->id_paired, list);
    if (w->counted_ns == INT64_MIN || now_ns - w->counted_ns >= COUNTED_NS) {
        w->counted_ns = now_ns;
        count(w);
    }
    return told;
}

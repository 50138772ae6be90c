/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/boxes/shipped.h"

#include <stddef.h>
#include <string.h>

static const struct shipped shipped[] = {
    {"akai-midimix", "midimix"},
    {"arturia-beatstep", "beatstep"},
    {"behringer-bcf2000", "bcf2000"},
    {"behringer-bcf2000-mackie", "bcf2000-mackie"},
    {"behringer-bcr2000", "bcr2000"},
    {"behringer-x-touch", "x-touch"},
    {"behringer-x-touch-compact", "x-touch-compact"},
    {"behringer-x-touch-compact-mc", "x-touch-compact-mc"},
    {"behringer-x-touch-extender", "x-touch-extender"},
    {"behringer-x-touch-mini", "x-touch-mini"},
    {"behringer-x-touch-mini-mc", "x-touch-mini-mc"},
    {"behringer-x-touch-one", "x-touch-one-mc"},
    {"behringer-x-touch-one-rel", "x-touch-one"},
    {"faderfox-ec4", "ec4"},
    {"faderfox-pc4", "pc4"},
    {"generic-cc", "generic"},
    {"icon-p1-m", "p1-m"},
    {"icon-platform-m-plus", "platform-m"},
    {"jack-midi", "sender"},
    {"korg-nanokontrol2", "nanokontrol2"},
    {"mackie-control", "mackie"},
    {"mackie-control-xt", "mackie-xt"},
    {"mackie-generic", "mackie"},
    {"novation-launch-control-xl", "launch-control-xl"},
    {"presonus-faderport-16", "faderport-16"},
    {"presonus-faderport-8", "faderport-8"},
    {"presonus-faderport-classic", "faderport"},
};

const struct shipped *
shipped_at(int n)
{
    return n >= 0 && n < (int)(sizeof shipped / sizeof *shipped) ? &shipped[n] : NULL;
}

const struct shipped *
shipped_find(const char *profile)
{
    const struct shipped *s = NULL;

    for (int n = 0; (s = shipped_at(n)) && strcmp(s->profile, profile) != 0; n++)
        ;
    return s;
}

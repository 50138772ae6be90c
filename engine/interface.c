/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/interface.h"

#include "engine/schema.h"
#include "engine/word.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNELS_MAX = 256 };

/* --- schema --- */

static const cyaml_schema_value_t word_schema = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 128)};

static const cyaml_schema_field_t channel_fields[] = {
    CYAML_FIELD_INT("index", CYAML_FLAG_DEFAULT, struct interface_channel, index),
    CYAML_FIELD_STRING_PTR("label", CYAML_FLAG_POINTER, struct interface_channel, label, 1, 128),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t role_fields[] = {
    CYAML_FIELD_STRING_PTR("role", CYAML_FLAG_POINTER, struct interface_role, role, 1, 64),
    CYAML_FIELD_INT("left", CYAML_FLAG_DEFAULT, struct interface_role, left),
    CYAML_FIELD_INT("right", CYAML_FLAG_DEFAULT, struct interface_role, right),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t channel_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct interface_channel, channel_fields)};
static const cyaml_schema_value_t role_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct interface_role, role_fields)};

#define LIST    (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define PROFILE struct interface_profile

static const cyaml_schema_field_t profile_fields[] = {
    CYAML_FIELD_STRING_PTR("label", CYAML_FLAG_POINTER, PROFILE, label, 1, 128),
    CYAML_FIELD_SEQUENCE("usb", LIST, PROFILE, usb, &word_schema, 0, 32),
    CYAML_FIELD_SEQUENCE("match", LIST, PROFILE, match, &word_schema, 0, 32),
    CYAML_FIELD_STRING_PTR("backend", CYAML_FLAG_POINTER, PROFILE, backend, 1, 32),
    CYAML_FIELD_INT("rate_hz", CYAML_FLAG_DEFAULT, PROFILE, rate_hz),
    CYAML_FIELD_INT("period", CYAML_FLAG_DEFAULT, PROFILE, period),
    CYAML_FIELD_INT("nperiods", CYAML_FLAG_DEFAULT, PROFILE, nperiods),
    CYAML_FIELD_INT("playback_channels", CYAML_FLAG_OPTIONAL, PROFILE, playback_channels),
    CYAML_FIELD_INT("capture_channels", CYAML_FLAG_OPTIONAL, PROFILE, capture_channels),
    CYAML_FIELD_SEQUENCE("playback", LIST, PROFILE, playback, &channel_schema, 0, CHANNELS_MAX),
    CYAML_FIELD_SEQUENCE("capture", LIST, PROFILE, capture, &channel_schema, 0, CHANNELS_MAX),
    CYAML_FIELD_SEQUENCE("outputs", LIST, PROFILE, outputs, &role_schema, 0, 64),
    CYAML_FIELD_SEQUENCE("inputs", LIST, PROFILE, inputs, &role_schema, 0, 64),
    CYAML_FIELD_SEQUENCE("jack_args", LIST, PROFILE, jack_args, &word_schema, 0, 32),
    CYAML_FIELD_SEQUENCE("remotes", LIST, PROFILE, remotes, &word_schema, 0, 32),
    CYAML_FIELD_STRING_PTR("source", CYAML_FLAG_POINTER, PROFILE, source, 1, 1024),
    CYAML_FIELD_STRING_PTR("notes", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, PROFILE, notes, 1, 4096),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t profile_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, PROFILE, profile_fields)};

/* What a pair of channels can be for; "_2" to "_9" may follow. */
static const char *const output_roles[] = {"monitor_a", "monitor_b", "monitor_c", "sub",     "phones",
                                           "line_out",  "spdif_out", "aes_out",   "adat_out"};
static const char *const input_roles[] = {"line_in", "mic",     "instrument", "spdif_in",
                                          "aes_in",  "adat_in", "loopback"};

/* --- sense --- */

static void
check_range(struct sheet *s, const char *key, int value, int min, int max)
{
    if (value < min || value > max)
        sheet_complain(s, sheet_line_of_key(s, key), NULL, "%s: %d is out of range: use %d to %d", key, value,
                       min, max);
}

static void
check_channels(struct sheet *s, const char *key, const struct interface_channel *c, unsigned count,
               int channels)
{
    const int max = (channels ? channels : CHANNELS_MAX) - 1;

    for (unsigned i = 0; i < count; i++) {
        int line = sheet_line_of_item(s, key, i, "index");
        bool twice = false;

        if (c[i].index < 0 || c[i].index > max)
            sheet_complain(s, line, NULL, "%s: index %d is out of range: use 0 to %d (%s_channels is %d)",
                           key, c[i].index, max, key, channels);
        for (unsigned k = 0; k < i; k++)
            twice |= c[k].index == c[i].index;
        if (twice)
            sheet_complain(s, line, NULL, "%s: index %d is there twice: give each channel once", key,
                           c[i].index);
    }
}

static bool
role_known(const char *role, const char *const *known, size_t count)
{
    size_t n = strlen(role);

    if (n > 2 && role[n - 2] == '_' && role[n - 1] >= '2' && role[n - 1] <= '9')
        n -= 2;
    for (size_t i = 0; i < count; i++)
        if (strlen(known[i]) == n && !strncmp(role, known[i], n))
            return true;
    return false;
}

static void
check_roles(struct sheet *s, const char *key, const struct interface_role *r, unsigned count, int channels,
            const char *const *known, size_t nknown)
{
    const int max = (channels ? channels : CHANNELS_MAX) - 1;

    for (unsigned i = 0; i < count; i++) {
        int line = sheet_line_of_item(s, key, i, NULL);
        bool twice = false;

        if (!role_known(r[i].role, known, nknown))
            sheet_complain(s, line, NULL, "%s: unknown role '%s': did you mean '%s'?", key, r[i].role,
                           word_nearest(r[i].role, known, nknown));
        if (r[i].left < 0 || r[i].left > max || r[i].right < 0 || r[i].right > max)
            sheet_complain(s, line, NULL, "%s: %s: channels %d, %d are out of range: use 0 to %d", key,
                           r[i].role, r[i].left, r[i].right, max);
        for (unsigned k = 0; k < i; k++)
            twice |= !strcmp(r[k].role, r[i].role);
        if (twice)
            sheet_complain(s, line, NULL, "%s: %s is there twice: call one %s_2", key, r[i].role, r[i].role);
    }
}

/* What the profile says elsewhere must not be said again to jackd. */
static void
check_jack_args(struct sheet *s, const struct interface_profile *p)
{
    static const struct {
        const char *brief, *full, *key;
    } ours[] = {
        {"-d", "--device", "match or usb"}, {"-r", "--rate", "rate_hz"},      {"-p", "--period", "period"},
        {"-n", "--nperiods", "nperiods"},   {"-P", "--playback", "the card"}, {"-C", "--capture", "the card"},
        {"-D", "--duplex", "the card"},
    };

    for (unsigned i = 0; i < p->jack_args_count; i++)
        for (size_t k = 0; k < LEN(ours); k++)
            if (!strncmp(p->jack_args[i], ours[k].brief, 2) ||
                !strncmp(p->jack_args[i], ours[k].full, strlen(ours[k].full)))
                sheet_complain(s, sheet_line_of_item(s, "jack_args", i, NULL), NULL,
                               "jack_args: '%s' is not free: it comes from %s", p->jack_args[i], ours[k].key);
}

/* Addresses, not names: a name is what the network says that it is. */
static void
check_remotes(struct sheet *s, const struct interface_profile *p)
{
    struct in6_addr host;

    for (unsigned i = 0; i < p->remotes_count; i++)
        if (inet_pton(AF_INET, p->remotes[i], &host) != 1 && inet_pton(AF_INET6, p->remotes[i], &host) != 1)
            sheet_complain(s, sheet_line_of_item(s, "remotes", i, NULL), NULL,
                           "remotes: '%s' is no address of a host: write it as 192.0.2.7", p->remotes[i]);
}

static void
check(struct sheet *s, const void *data, const void *context)
{
    const struct interface_profile *p = data;

    (void)context;
    if (strcmp(p->backend, "alsa") && strcmp(p->backend, "dummy"))
        sheet_complain(s, sheet_line_of_key(s, "backend"), NULL, "backend: unknown '%s': use alsa or dummy",
                       p->backend);
    check_range(s, "rate_hz", p->rate_hz, RATE_MIN_HZ, RATE_MAX_HZ);
    check_range(s, "period", p->period, 16, 8192);
    check_range(s, "nperiods", p->nperiods, 2, 8);
    check_range(s, "playback_channels", p->playback_channels, 0, CHANNELS_MAX);
    check_range(s, "capture_channels", p->capture_channels, 0, CHANNELS_MAX);
    schema_check_usb(s, p->usb, p->usb_count);
    check_channels(s, "playback", p->playback, p->playback_count, p->playback_channels);
    check_channels(s, "capture", p->capture, p->capture_count, p->capture_channels);
    check_roles(s, "outputs", p->outputs, p->outputs_count, p->playback_channels, output_roles,
                LEN(output_roles));
    check_roles(s, "inputs", p->inputs, p->inputs_count, p->capture_channels, input_roles, LEN(input_roles));
    check_jack_args(s, p);
    check_remotes(s, p);
}

/* --- loading --- */

static const struct schema schema = {{"profile", "generic.yaml"}, &profile_schema, NULL, check, NULL};

enum status
interface_load(const char *path, struct interface_profile **p, struct faults *faults, struct err *e)
{
    return schema_load(&schema, path, NULL, 0, (void **)p, faults, e);
}

enum status
interface_read(const char *name, const void *text, size_t size, struct interface_profile **p,
               struct faults *faults, struct err *e)
{
    return schema_load(&schema, name, text, size, (void **)p, faults, e);
}

void
interface_free(struct interface_profile *p)
{
    if (!p)
        return;
    free(p->name);
    schema_free(&profile_schema, p);
}

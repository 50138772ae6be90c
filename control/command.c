/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/command.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static enum command_verb
find_row(struct command *c, const char *path, enum command_verb verb)
{
    char plain[WIRE_PATH_SIZE] = "";

    c->id = wire_cut_norm(path, plain, &c->norm) ? param_find(plain) : -1;
    if (c->id < 0)
        return COMMAND_UNKNOWN;
    return wire_has(param_at(c->id), c->norm) ? verb : COMMAND_MUTE;
}

bool
command_read(struct command *c, const void *data, size_t size)
{
    json_t *o = json_loadb(data, size, JSON_REJECT_DUPLICATES, NULL);
    const char *word = json_string_value(json_object_get(o, "COMMAND"));
    const char *path = json_string_value(json_object_get(o, "DATA"));
    bool listen = word && strcmp(word, "LISTEN") == 0, ignore = word && strcmp(word, "IGNORE") == 0;

    *c = (struct command){.verb = COMMAND_NONE, .id = -1};
    if (path && (listen || ignore)) {
        snprintf(c->about, sizeof c->about, "%s", path);
        c->verb = find_row(c, path, listen ? COMMAND_LISTEN : COMMAND_IGNORE);
    } else
        snprintf(c->about, sizeof c->about, "%s", word ? word : "");
    json_decref(o);
    return c->verb == COMMAND_LISTEN || c->verb == COMMAND_IGNORE;
}

void
command_complain(const struct command *c, struct err *e)
{
    switch (c->verb) {
    case COMMAND_LISTEN:
    case COMMAND_IGNORE: err_set(e, "%s: there are too many clients", c->about); break;
    case COMMAND_UNKNOWN: param_unknown(c->about, e); break;
    case COMMAND_MUTE: err_set(e, "%s: has no value to listen to", c->about); break;
    case COMMAND_NONE:
        err_set(e, "this is no command: use {\"COMMAND\": \"LISTEN\", \"DATA\": \"/eq/1/gain\"} or IGNORE");
        break;
    }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/pair.h"

#include <stdio.h>
#include <string.h>

static void
answer_text(struct packet_writer *w, const char *path, const char *text)
{
    struct packet_arg arg = {.type = 's', .text = text};

    packet_message(w);
    packet_add(w, path, &arg, text ? 1 : 0);
}

/* --- strangers ----------------------------------------------------------------------------------- */

struct request {
    char name[DOOR_NAME_SIZE], code[2 * DOOR_CODE_SIZE];
    bool good;
    int messages;
};

static void
note(void *context, const struct packet_message *m)
{
    struct request *r = context;
    const char *code = m->nargs > 0 ? m->arg[m->nargs == 2].text : NULL;

    r->good = !m->bundled && r->messages++ == 0 && strcmp(m->path, "/pair") == 0 &&
              (m->nargs == 1 || (m->nargs == 2 && m->arg[0].text)) && code && strlen(code) < sizeof r->code;
    if (!r->good)
        return;
    snprintf(r->code, sizeof r->code, "%s", code);
    if (m->nargs == 2)
        snprintf(r->name, sizeof r->name, "%s", m->arg[0].text);
}

/* With what was to be said, or without. */
static enum pair_verdict
answer_within(size_t most, struct packet_writer *w, const char *path, const char *text)
{
    answer_text(w, path, text);
    if (w->size > most)
        answer_text(w, path, NULL);
    return w->count && w->size <= most ? PAIR_ANSWER : PAIR_OUT;
}

static enum pair_verdict
take_stranger(struct door *d, const struct address *from, const void *data, size_t size, int64_t now_ns,
              struct packet_writer *answer)
{
    static const char path[] = "/pair";
    struct request r = {.good = false};
    struct err e;
    bool open;

    if (size > PAIR_MOST) {
        door_counts(d)->oversized++;
        return PAIR_END;
    }
    if (size < sizeof path || memcmp(data, path, sizeof path) != 0 || !packet_read(data, size, note, &r) ||
        !r.good)
        return PAIR_OUT;
    open = door_code(d, now_ns)[0] != '\0';
    if (door_pair(d, from, r.name, r.code, NULL, now_ns, &e))
        return answer_within(size, answer, "/paired", door_name(d, from));
    return answer_within(size, answer, "/refused", open ? "wrong" : "closed");
}

enum pair_verdict
pair_take(struct door *d, const struct address *from, const void *data, size_t size, int64_t now_ns,
          struct packet_writer *answer)
{
    if (!d)
        return address_is_loopback(from) ? PAIR_IN : PAIR_END;
    switch (door_knock(d, from, size, now_ns)) {
    case DOOR_IN: return PAIR_IN;
    case DOOR_STRANGER: return take_stranger(d, from, data, size, now_ns, answer);
    case DOOR_FLOOD: break;
    }
    return door_knows(d, from) ? PAIR_OUT : PAIR_END;
}

bool
pair_knows(const struct door *d, const struct address *from)
{
    return d ? door_knows(d, from) : address_is_loopback(from);
}

/* --- who is in ----------------------------------------------------------------------------------- */

static void
greet(struct door *d, const struct address *from, int64_t now_ns, struct packet_writer *answer)
{
    const char *name = d ? door_name(d, from) : NULL;

    (void)now_ns;
    answer_text(answer, "/paired", name ? name : "");
}

static void
part(struct door *d, const struct address *from, int64_t now_ns, struct packet_writer *answer)
{
    struct packet_arg arg[] = {{.type = 's', .text = "/unpair"}, {.type = 's'}};
    char host[ADDRESS_NAME_SIZE];
    struct err e;

    (void)now_ns;
    address_host(from, host);
    err_set(&e, "%s: is not paired", host);
    if (d && door_name(d, from) && door_revoke(d, host, &e) == OK) {
        answer_text(answer, "/unpaired", NULL);
        return;
    }
    arg[1].text = e.text;
    packet_message(answer);
    packet_add(answer, "/error", arg, LEN(arg));
}

static void
show_code(struct door *d, const struct address *from, int64_t now_ns, struct packet_writer *answer)
{
    struct packet_arg arg[] = {{.type = 's', .text = "/pair/open"}, {.type = 's'}};
    struct err e = {""};

    if (!d || !address_is_loopback(from))
        err_set(&e, "/pair/open: only on the machine that deadwax runs on: the code is for who stands there");
    else if (door_code(d, now_ns)[0] || door_let(d, true, now_ns, &e) == OK) {
        answer_text(answer, "/pair/code", door_code(d, now_ns));
        return;
    }
    arg[1].text = e.text;
    packet_message(answer);
    packet_add(answer, "/error", arg, LEN(arg));
}

/* What answers bring back is never answered, so that two hosts can't talk to each other for ever. */
static void
ignore(struct door *d, const struct address *from, int64_t now_ns, struct packet_writer *answer)
{
    (void)d, (void)from, (void)now_ns, (void)answer;
}

bool
pair_message(struct door *d, const struct address *from, const struct packet_message *m, int64_t now_ns,
             struct packet_writer *answer)
{
    static const struct {
        const char *path;
        void (*act)(struct door *d, const struct address *from, int64_t now_ns, struct packet_writer *answer);
    } commands[] = {{"/pair", greet},      {"/unpair", part},    {"/pair/open", show_code},
                    {"/paired", ignore},   {"/refused", ignore}, {"/unpaired", ignore},
                    {"/pair/code", ignore}};

    packet_message(answer);
    if (!pair_knows(d, from)) /* has left earlier in this packet */
        return true;
    for (size_t i = 0; i < LEN(commands); i++)
        if (strcmp(m->path, commands[i].path) == 0) {
            commands[i].act(d, from, now_ns, answer);
            return true;
        }
    return false;
}

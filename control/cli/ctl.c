/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/cli/cli.h"

#include "control/cli/client.h"
#include "control/cli/load.h"
#include "control/osc.h"
#include "control/pattern.h"
#include "control/wire.h"
#include "engine/history.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The table is the same on both sides, so what a pattern or prefix stands for
 * is worked out here: that is how many answers to wait for. A value travels
 * out as the words it was typed in, and comes back as the host understood it.
 */

enum { DONE, FAILED, USAGE };
enum verb { GET, SET, WATCH, DUMP, LOAD, PING, PAIR, SHOW_CODE };

#define RENEW_NS CLIENT_NS /* between renewals while watching */
#define LOST_NS  (3 * CLIENT_NS)

struct answer {
    bool wanted, have;
    double number;
    char *text; /* a text, or a choice's name; ours */
    float series[PACKET_ARGS];
    int points; /* of it */
};

struct ctl {
    enum verb verb;
    const char *path, *value; /* as typed */
    const char *code, *name;  /* to be paired with, and under */
    bool json;
    double timeout_s, for_s; /* for_s 0: for ever */

    bool norm;
    char prefix[2 * WIRE_PATH_SIZE]; /* to subscribe to, or dump */
    struct answer *answer;           /* by id */
    int wanted, have;

    struct client client;
    bool heard, pong; /* anything at all, /pong */
    bool paired, refused, showed;
    char said[64]; /* with it: a name, why not, the code */
    char version[64];
    struct err error; /* from the host */
};

/* --- what is meant ----------------------------------------------------------------------------- */

static void
want(struct ctl *c, int id)
{
    c->wanted += !c->answer[id].wanted;
    c->answer[id].wanted = true;
}

/* prefix is c->path without /norm. */
static bool
want_inside(struct ctl *c, const char *prefix, struct err *e)
{
    for (int id = 0; id < params_count(); id++)
        if (wire_told(param_at(id), c->norm, prefix))
            want(c, id);
    snprintf(c->prefix, sizeof c->prefix, "%s", c->path);
    return c->wanted || param_unknown(c->path, e);
}

/* Subscribe to the parts before the first sign. */
static void
pattern_prefix(struct ctl *c, const char *path)
{
    size_t n = strcspn(path, "?*[{");
    const char *two = strstr(path, "//");

    if (two && (size_t)(two - path) < n)
        n = (size_t)(two - path);
    while (n && path[n] != '/')
        n--;
    snprintf(c->prefix, sizeof c->prefix, "%.*s%s", (int)n, path, c->norm ? "/norm" : n ? "" : "/");
}

static bool
want_matches(struct ctl *c, const char *path, struct err *e)
{
    struct pattern pattern;

    if (!pattern_compile(&pattern, path, e))
        return false;
    for (int id = 0; id < params_count(); id++) {
        const struct param *p = param_at(id);

        if (wire_has(p, c->norm) && !(c->value && (p->flags & PARAM_READ_ONLY)) &&
            pattern_match(&pattern, p->path))
            want(c, id);
    }
    pattern_prefix(c, path);
    return c->wanted || param_unknown(c->path, e);
}

static bool
want_one(struct ctl *c, const char *path, struct err *e)
{
    int id = param_find(path);

    if (id < 0)
        return param_unknown(path, e);
    if (!wire_has(param_at(id), c->norm) && !(c->value && !c->norm))
        return err_set(e, c->norm ? "%s: has no 0 to 1" : "%s: is a trigger, not a value: give it 1", path);
    want(c, id);
    return true;
}

static bool
find_wanted(struct ctl *c, struct err *e)
{
    char path[WIRE_PATH_SIZE];

    if (!wire_cut_norm(c->path, path, &c->norm))
        return param_unknown(c->path, e);
    if (pattern_is(path))
        return want_matches(c, path, e);
    if (c->verb == WATCH || c->verb == DUMP)
        return want_inside(c, path, e);
    return want_one(c, path, e);
}

/* The table's own words for a wrong value, before anybody is asked. */
static bool
check_value(const struct ctl *c, struct err *e)
{
    double value;
    char *end;

    for (int id = 0; id < params_count() && c->value; id++) {
        const struct param *p = param_at(id);

        if (!c->answer[id].wanted)
            continue;
        if (c->norm) {
            value = strtod(c->value, &end);
            if (end == c->value || *end)
                return err_set(e, "%s/norm: \"%s\" is no number: use 0 to 1", p->path, c->value);
            if (!param_from_norm(p, value, &value, e))
                return false;
        } else if (p->type != PARAM_TEXT && !param_parse(p, c->value, &value, e)) {
            return false;
        }
    }
    return true;
}

/* --- talking ----------------------------------------------------------------------------------- */

static void
note_value(struct ctl *c, const struct packet_message *m)
{
    char path[WIRE_PATH_SIZE];
    struct answer *a;
    bool norm;
    int id;

    if (!wire_cut_norm(m->path, path, &norm) || norm != c->norm || m->nargs < 1)
        return;
    id = param_find(path);
    a = id >= 0 ? &c->answer[id] : NULL;
    if (!a || !a->wanted)
        return;
    c->have += !a->have;
    a->have = true;
    free(a->text);
    a->number = m->arg[0].number;
    a->points = m->nargs < PACKET_ARGS ? m->nargs : PACKET_ARGS;
    for (int i = 0; i < a->points && param_at(id)->type == PARAM_SERIES; i++)
        a->series[i] = (float)m->arg[i].number;
    a->text = m->arg[0].text                   ? strdup(m->arg[0].text)
              : m->nargs > 1 && m->arg[1].text ? strdup(m->arg[1].text)
                                               : NULL;
}

static void watch_value(const struct ctl *c, int id);

static void
message(void *context, const struct packet_message *m)
{
    struct ctl *c = context;

    c->heard = true;
    if (strcmp(m->path, "/error") == 0 && m->nargs > 1 && m->arg[1].text) {
        err_set(&c->error, "%s", m->arg[1].text);
    } else if (strcmp(m->path, "/pong") == 0) {
        c->pong = true;
        if (m->nargs > 1 && m->arg[m->nargs - 1].text)
            snprintf(c->version, sizeof c->version, "%s", m->arg[m->nargs - 1].text);
    } else if (strncmp(m->path, "/pair", 5) == 0 || strcmp(m->path, "/refused") == 0) {
        c->paired |= strcmp(m->path, "/paired") == 0;
        c->refused |= strcmp(m->path, "/refused") == 0;
        c->showed |= strcmp(m->path, "/pair/code") == 0;
        if (m->nargs > 0 && m->arg[0].text)
            snprintf(c->said, sizeof c->said, "%s", m->arg[0].text);
    } else {
        note_value(c, m);
    }
}

/* While watching, each message is a change. */
static void
watch_message(void *context, const struct packet_message *m)
{
    struct ctl *c = context;
    char path[WIRE_PATH_SIZE];
    int id = wire_cut_norm(m->path, path, &(bool){false}) ? param_find(path) : -1;
    struct answer *a = id >= 0 ? &c->answer[id] : NULL;
    double number = a ? a->number : 0.0;
    char *text = a && a->text ? strdup(a->text) : NULL;
    bool had = a && a->have;

    message(c, m);
    if (a && a->have &&
        (!had || number != a->number || param_at(id)->type == PARAM_SERIES ||
         strcmp(text ? text : "", a->text ? a->text : "") != 0))
        watch_value(c, id);
    free(text);
}

static bool
complete(const struct ctl *c)
{
    if (c->error.text[0])
        return true;
    switch (c->verb) {
    case PING: return c->pong;
    case PAIR: return c->paired || c->refused;
    case SHOW_CODE: return c->showed;
    default: return c->have == c->wanted;
    }
}

/* Waits for all that is wanted; the time runs anew with each packet. */
static void
collect(struct ctl *c)
{
    int64_t until = client_now_ns() + llround(c->timeout_s * 1e9);

    while (!complete(c) && client_now_ns() < until) {
        enum client_came came = client_receive(&c->client, until, message, c);

        if (came == CLIENT_GONE)
            return;
        if (came == CLIENT_CAME)
            until = client_now_ns() + llround(c->timeout_s * 1e9);
    }
}

/* --- showing ----------------------------------------------------------------------------------- */

static void
format_answer(const struct ctl *c, int id, char *out, size_t size)
{
    const struct answer *a = &c->answer[id];

    if (param_at(id)->type == PARAM_TRIGGER)
        snprintf(out, size, "done");
    else if (a->text)
        snprintf(out, size, "%s", a->text);
    else if (c->norm)
        snprintf(out, size, "%.6g", a->number);
    else
        param_format(param_at(id), a->number, out, size);
}

static json_t *
json_series(const struct answer *a)
{
    json_t *array = json_array();

    for (int i = 0; i < a->points; i++)
        json_array_append_new(array, json_real((double)a->series[i]));
    return array;
}

static json_t *
json_value(const struct ctl *c, int id)
{
    const struct answer *a = &c->answer[id];
    enum param_type type = param_at(id)->type;

    if (type == PARAM_TRIGGER)
        return json_null();
    if (type == PARAM_SERIES)
        return json_series(a);
    if (a->text)
        return json_string(a->text);
    if (type == PARAM_BOOL && !c->norm)
        return json_boolean(a->number != 0.0);
    if (type == PARAM_INT && !c->norm)
        return json_integer((json_int_t)a->number);
    return json_real(a->number);
}

static void
json_add(const struct ctl *c, int id, json_t *to)
{
    const struct param *p = param_at(id);
    char path[WIRE_PATH_SIZE];
    json_t *o = json_object();

    snprintf(path, sizeof path, "%s%s", p->path, c->norm ? "/norm" : "");
    json_object_set_new(o, "value", json_value(c, id));
    if (p->unit != UNIT_NONE && !c->norm)
        json_object_set_new(o, "unit", json_string(param_unit_name(p->unit)));
    json_object_set_new(to, path, o);
}

/* A value comes as a float: seven digits are all there is. */
static void
json_show(json_t *o)
{
    json_dumpf(o, stdout, JSON_REAL_PRECISION(7) | JSON_COMPACT);
    putchar('\n');
    json_decref(o);
}

/* A text's further lines begin with #: they are no rows, and "ctl load" does not take them for such. */
static void
show_text(const char *text)
{
    putchar(' ');
    for (; *text; text++) {
        putchar(*text);
        if (*text == '\n')
            fputs("#   ", stdout);
    }
    putchar('\n');
}

static void
show_line(const struct ctl *c, int id)
{
    const struct answer *a = &c->answer[id];
    char text[PARAM_TEXT_SIZE];

    printf("%s%s", param_at(id)->path, c->norm ? "/norm" : "");
    if (param_at(id)->type == PARAM_SERIES) {
        for (int i = 0; i < a->points; i++)
            printf(" %.5g", (double)a->series[i]);
        putchar('\n');
        return;
    }
    format_answer(c, id, text, sizeof text);
    show_text(text);
}

static void
watch_value(const struct ctl *c, int id)
{
    json_t *o = c->json ? json_object() : NULL;

    if (o) {
        json_add(c, id, o);
        json_show(o);
    } else {
        show_line(c, id);
    }
    fflush(stdout); /* now, also into a pipe */
}

static void
show_all(const struct ctl *c)
{
    json_t *o = c->json ? json_object() : NULL;

    for (int id = 0; id < params_count(); id++)
        if (c->answer[id].have && c->json)
            json_add(c, id, o);
        else if (c->answer[id].have)
            show_line(c, id);
    if (c->json)
        json_show(o);
}

/* --- the verbs --------------------------------------------------------------------------------- */

static int
conclude(const struct ctl *c)
{
    if (c->error.text[0])
        return cli_fail(FAILED, "%s", c->error.text);
    if (!c->heard)
        return client_no_host(&c->client);
    if (!complete(c))
        return cli_fail(FAILED, "%s: %d of %d values did not come: try --timeout", c->path,
                        c->wanted - c->have, c->wanted);
    show_all(c);
    return DONE;
}

static int
get(struct ctl *c)
{
    struct packet_writer w;

    packet_message(&w);
    packet_add(&w, c->path, NULL, 0);
    client_send(&c->client, &w);
    collect(c);
    return conclude(c);
}

/* The value and the question for it in one bundle: what comes back is what was accepted. */
static int
set(struct ctl *c)
{
    struct packet_arg arg = {.type = 's', .text = c->value};
    struct packet_writer w;

    if (c->norm)
        arg = (struct packet_arg){.type = 'd', .number = strtod(c->value, NULL)};
    packet_bundle(&w, PACKET_NOW);
    if (!packet_add(&w, c->path, &arg, 1) || !packet_add(&w, c->path, NULL, 0))
        return cli_fail(FAILED, "%s: the value is too long", c->path);
    client_send(&c->client, &w);
    collect(c);
    return conclude(c);
}

static int
dump(struct ctl *c)
{
    struct packet_arg arg = {.type = 's', .text = c->prefix};
    struct packet_writer w;

    packet_message(&w);
    packet_add(&w, "/dump", &arg, 1);
    client_send(&c->client, &w);
    collect(c);
    return conclude(c);
}

static void
show_ping(const struct ctl *c, double ms)
{
    if (c->json)
        json_show(json_pack("{s:s, s:s, s:s, s:s, s:f}", "name", "deadwax", "version", c->version, "host",
                            c->client.host, "port", c->client.port, "ms", ms));
    else
        printf("deadwax %s at %s:%s, %.2f ms\n", c->version, c->client.host, c->client.port, ms);
}

static int
ping(struct ctl *c)
{
    int64_t start = client_now_ns();
    struct packet_writer w;

    packet_message(&w);
    packet_add(&w, "/ping", NULL, 0);
    client_send(&c->client, &w);
    collect(c);
    if (!c->pong)
        return client_no_host(&c->client);
    show_ping(c, (double)(client_now_ns() - start) * 1e-6);
    return DONE;
}

/* This machine's name, so that the desk knows who it is. */
static int
pair(struct ctl *c)
{
    char own[64] = "";
    struct packet_arg arg[] = {{.type = 's', .text = c->name ? c->name : own},
                               {.type = 's', .text = c->code}};
    struct packet_writer w;

    gethostname(own, sizeof own - 1);
    packet_message(&w);
    if (!packet_add(&w, "/pair", arg, LEN(arg)))
        return cli_fail(FAILED, "--pair %.40s: no memory, or too long", c->code);
    client_send(&c->client, &w);
    collect(c);
    if (c->refused)
        return cli_fail(
            FAILED,
            strcmp(c->said, "closed") == 0
                ? "%s: pairing is not open there: open it first (d, or \"deadwax ctl pair\" there)"
                : "%s: this is not the code that is shown there",
            c->client.host);
    if (!c->paired)
        return client_no_host(&c->client);
    if (c->json)
        json_show(json_pack("{s:s, s:s}", "host", c->client.host, "paired", c->said));
    else if (c->said[0])
        printf("paired with %s as %s\n", c->client.host, c->said);
    else
        printf("%s lets this machine in without being paired\n", c->client.host);
    return DONE;
}

static int
show_code(struct ctl *c)
{
    struct packet_writer w;

    packet_message(&w);
    packet_add(&w, "/pair/open", NULL, 0);
    client_send(&c->client, &w);
    collect(c);
    if (c->error.text[0])
        return cli_fail(FAILED, "%s", c->error.text);
    if (!c->showed)
        return client_no_host(&c->client);
    if (c->json)
        json_show(json_pack("{s:s}", "code", c->said));
    else
        printf("%s\n", c->said);
    return DONE;
}

/* Into the bundle in hand, or, when that is full, into the next one. */
static bool
add_to_bundles(const struct ctl *c, struct packet_writer *w, const char *path, const struct packet_arg *arg,
               int nargs)
{
    if (packet_add(w, path, arg, nargs))
        return true;
    client_send(&c->client, w);
    packet_bundle(w, PACKET_NOW);
    return packet_add(w, path, arg, nargs);
}

/* One step to be undone, called after the file; "": its end. */
static bool
name_step(const struct ctl *c, struct packet_writer *w, const char *label)
{
    struct packet_arg arg = {.type = 's', .text = label};

    return add_to_bundles(c, w, "/history/group", &arg, 1);
}

static bool
send_values(const struct ctl *c, const struct load *l)
{
    const char *slash = strrchr(c->path, '/');
    struct packet_writer w;
    char label[HISTORY_LABEL];

    snprintf(label, sizeof label, "load %s", slash ? slash + 1 : c->path);
    packet_bundle(&w, PACKET_NOW);
    if (!name_step(c, &w, label))
        return false;
    for (int i = 0; i < l->n; i++) {
        const struct load_value *v = &l->value[i];
        struct packet_arg arg = {.type = v->text ? 's' : 'd', .number = v->number, .text = v->text};

        if (!add_to_bundles(c, &w, param_at(v->id)->path, &arg, 1))
            return false;
    }
    if (!name_step(c, &w, ""))
        return false;
    for (int i = 0; i < l->n; i++)
        if (!add_to_bundles(c, &w, param_at(l->value[i].id)->path, NULL, 0))
            return false;
    return client_send(&c->client, &w);
}

/* A value comes back as a float. */
static bool
came_true(const struct answer *a, const struct load_value *v)
{
    if (v->text)
        return a->text && strcmp(a->text, v->text) == 0;
    return (float)a->number == (float)v->number;
}

static int
compare(const struct ctl *c, const struct load *l)
{
    char text[PARAM_TEXT_SIZE];

    for (int i = 0; i < l->n; i++)
        if (!came_true(&c->answer[l->value[i].id], &l->value[i])) {
            format_answer(c, l->value[i].id, text, sizeof text);
            return cli_fail(FAILED, "%s:%d: %s: was sent, but is now %s", c->path, l->value[i].line,
                            param_at(l->value[i].id)->path, text);
        }
    if (c->json)
        json_show(json_pack("{s:i, s:i}", "loaded", l->n, "skipped", l->skipped));
    else
        printf("%s: %d values loaded, %d skipped\n", c->path, l->n, l->skipped);
    return DONE;
}

static int
load_values(struct ctl *c, const struct load *l)
{
    for (int i = 0; i < l->n; i++)
        want(c, l->value[i].id);
    if (l->n && !send_values(c, l))
        return cli_fail(FAILED, "%s: can't be sent to %s:%s", c->path, c->client.host, c->client.port);
    if (l->n)
        collect(c);
    if (c->error.text[0])
        return cli_fail(FAILED, "%s: %s", c->path, c->error.text);
    if (l->n && !c->heard)
        return client_no_host(&c->client);
    if (!complete(c))
        return cli_fail(FAILED, "%s: %d of %d values did not come back: try --timeout", c->path,
                        c->wanted - c->have, c->wanted);
    return compare(c, l);
}

/* All of the file is checked before anything is sent. */
static int
load(struct ctl *c)
{
    struct load l = {0};
    struct err e = {""};
    int status = USAGE;

    if (!load_read(&l, c->path, &e))
        cli_fail(USAGE, "%s", e.text);
    else
        status = load_values(c, &l);
    load_free(&l);
    return status;
}

static void
renew(const struct ctl *c)
{
    struct packet_arg arg = {.type = 's', .text = c->prefix};
    struct packet_writer w;

    packet_bundle(&w, PACKET_NOW);
    packet_add(&w, "/subscribe", &arg, 1);
    packet_add(&w, "/ping", NULL, 0);
    client_send(&c->client, &w);
}

static void
unsubscribe(const struct ctl *c)
{
    struct packet_writer w;

    packet_message(&w);
    packet_add(&w, "/unsubscribe", NULL, 0);
    client_send(&c->client, &w);
}

/* A host that goes away is waited for: the next one is subscribed to by the next renewal. */
static int
watch(struct ctl *c)
{
    int64_t start = client_now_ns(), heard_ns = start, renew_ns = start;
    int64_t end = c->for_s > 0.0 ? start + llround(c->for_s * 1e9) : INT64_MAX;
    bool lost = false;

    while (!client_stopped() && client_now_ns() < end && !c->error.text[0]) {
        int64_t limit = c->heard ? LOST_NS : llround(c->timeout_s * 1e9);
        enum client_came came;

        if (client_now_ns() >= renew_ns) {
            renew(c);
            renew_ns = client_now_ns() + RENEW_NS;
        }
        came = client_receive(&c->client, renew_ns < end ? renew_ns : end, watch_message, c);
        if (came == CLIENT_CAME) {
            heard_ns = client_now_ns();
            lost = false;
        } else if (!c->heard && (came == CLIENT_GONE || client_now_ns() - start >= limit)) {
            return client_no_host(&c->client);
        } else if (!lost && client_now_ns() - heard_ns >= limit) {
            lost = true;
            cli_fail(FAILED, "the host at %s:%s does not answer: waiting for it", c->client.host,
                     c->client.port);
        }
    }
    unsubscribe(c);
    return c->error.text[0] ? cli_fail(FAILED, "%s", c->error.text) : DONE;
}

/* --- the command line -------------------------------------------------------------------------- */

static int
usage(int status)
{
    fputs("use: deadwax ctl PATH [VALUE]      read or set; PATH may be a pattern (/eq/*/on)\n"
          "     deadwax ctl --watch PATH      each change of PATH or of what is below it\n"
          "     deadwax ctl dump [PREFIX]     all values\n"
          "     deadwax ctl load FILE         sets what a dump, also with --json, has kept\n"
          "     deadwax ctl ping              is a host there?\n"
          "     deadwax ctl pair              opens pairing and prints the code; on the host's own machine "
          "alone\n"
          "     deadwax ctl --host H --pair CODE [--name NAME]\n"
          "                                   pairs this machine with the host at H\n"
          "  --host H   127.0.0.1     --port N   9000     --timeout S   1\n"
          "  --for S    end watching after S seconds      --json        one object (a line each with "
          "--watch)\n",
          status == DONE ? stdout : stderr);
    return status;
}

static bool
parse_seconds(const char *option, const char *word, double *s)
{
    char *end;

    *s = strtod(word, &end);
    if (end != word && !*end && *s > 0.0 && *s <= 1e6)
        return true;
    cli_fail(USAGE, "%s %s: use a number of seconds above 0", option, word);
    return false;
}

static bool
parse_port(const char *word)
{
    char *end;
    long port = strtol(word, &end, 10);

    if (end != word && !*end && port >= 1 && port <= 65535)
        return true;
    cli_fail(USAGE, "--port %s: use 1 to 65535", word);
    return false;
}

/* An option with a word of its own. False after telling. */
static bool
parse_option(struct ctl *c, const char *option, const char *word)
{
    if (strcmp(option, "--host") == 0) {
        c->client.host = word;
        return true;
    }
    if (strcmp(option, "--port") == 0) {
        c->client.port = word;
        return parse_port(word);
    }
    if (strcmp(option, "--pair") == 0) {
        c->verb = PAIR;
        c->code = word;
        return true;
    }
    if (strcmp(option, "--name") == 0) {
        c->name = word;
        return true;
    }
    return parse_seconds(option, word, strcmp(option, "--for") == 0 ? &c->for_s : &c->timeout_s);
}

static bool
takes_word(const char *option)
{
    static const char *const all[] = {"--host", "--port", "--timeout", "--for", "--pair", "--name"};

    for (size_t i = 0; i < LEN(all); i++)
        if (strcmp(option, all[i]) == 0)
            return true;
    return false;
}

/* "-3" is a value. Returns how many words stay in word, -1 after telling. */
static int
parse_options(struct ctl *c, int argc, char **argv, const char **word, int max)
{
    int n = 0;

    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0) {
            if (n < max)
                word[n] = argv[i];
            n++;
        } else if (strcmp(argv[i], "--json") == 0) {
            c->json = true;
        } else if (strcmp(argv[i], "--watch") == 0) {
            c->verb = WATCH;
        } else if (!takes_word(argv[i])) {
            cli_fail(USAGE, "%s: no such option: see deadwax ctl --help", argv[i]);
            return -1;
        } else if (i + 1 == argc) {
            cli_fail(USAGE, "%s: a word is missing behind it", argv[i]);
            return -1;
        } else if (!parse_option(c, argv[i], argv[i + 1])) {
            return -1;
        } else {
            i++;
        }
    }
    return n;
}

static bool
has_path(const struct ctl *c)
{
    return c->verb != PING && c->verb != LOAD && c->verb != PAIR && c->verb != SHOW_CODE;
}

static int
parse_words(struct ctl *c, const char *const *word, int n)
{
    static const struct {
        const char *word;
        enum verb verb;
    } commands[] = {{"ping", PING}, {"dump", DUMP}, {"load", LOAD}, {"pair", SHOW_CODE}};

    if (c->verb == PAIR)
        return n == 0 ? DONE : cli_fail(USAGE, "%s: one word too many: see deadwax ctl --help", word[0]);
    if (n == 0)
        return usage(USAGE);
    for (size_t i = 0; i < LEN(commands) && c->verb != WATCH; i++)
        if (strcmp(word[0], commands[i].word) == 0)
            c->verb = commands[i].verb;
    if (c->verb == LOAD && n < 2)
        return cli_fail(USAGE, "load: what? Give it a FILE that \"deadwax ctl dump\" has written");
    if (n > (c->verb == PING || c->verb == SHOW_CODE || c->verb == WATCH ? 1 : 2))
        return cli_fail(USAGE, "%s: one word too many: see deadwax ctl --help", word[n - 1]);
    c->path = c->verb == LOAD ? word[1] : c->verb != DUMP ? word[0] : n > 1 ? word[1] : "/";
    c->value = c->verb == GET && n > 1 ? word[1] : NULL;
    if (c->value)
        c->verb = SET;
    if (has_path(c) && *c->path != '/')
        return cli_fail(USAGE, "%s: a path begins with /: see deadwax params", c->path);
    return DONE;
}

static int
act(struct ctl *c)
{
    static int (*const verbs[])(struct ctl *) = {
        [GET] = get,   [SET] = set,   [WATCH] = watch, [DUMP] = dump,
        [LOAD] = load, [PING] = ping, [PAIR] = pair,   [SHOW_CODE] = show_code};
    struct err e = {""};
    int status;

    if (has_path(c) && (!find_wanted(c, &e) || !check_value(c, &e)))
        return cli_fail(USAGE, "%s", e.text);
    if (c->verb == DUMP && pattern_is(c->path))
        c->verb = GET;
    if (c->verb == WATCH)
        client_catch_signals();
    if (!client_open(&c->client))
        return FAILED;
    status = verbs[c->verb](c);
    if (c->verb == SET || c->verb == LOAD)
        unsubscribe(c); /* or we would be told of other hands' moves */
    return status;
}

static void
free_answers(struct ctl *c)
{
    for (int id = 0; id < params_count() && c->answer; id++)
        free(c->answer[id].text);
    free(c->answer);
    client_close(&c->client);
}

int
ctl_main(int argc, char **argv)
{
    struct ctl c = {.verb = GET, .client = CLIENT_DEFAULT, .timeout_s = 1.0};
    const char *word[3] = {NULL};
    int n, status;

    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0)
            return usage(DONE);
    params_init();
    n = parse_options(&c, argc, argv, word, (int)LEN(word));
    if (n < 0)
        return USAGE;
    if (n > (int)LEN(word))
        return cli_fail(USAGE, "%s: too many words: see deadwax ctl --help", word[LEN(word) - 1]);
    status = parse_words(&c, word, n);
    if (status != DONE)
        return status;
    c.answer = calloc((size_t)params_count(), sizeof *c.answer);
    status = c.answer ? act(&c) : cli_fail(FAILED, "no memory");
    free_answers(&c);
    fflush(stdout);
    return status;
}

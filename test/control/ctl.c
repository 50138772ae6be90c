/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/cli/cli.h"

#include "control/osc.h"
#include "test/control/fake_engine.h"
#include "test/kit/tree.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* The host (a fake engine behind the real OSC) and each ctl are processes of their own. Waiting ends after
   PATIENCE_MS only if something is broken. */
enum { PATIENCE_MS = 20000, WORDS = 12 };

struct host {
    pid_t pid;
    char port[8];
};

struct run {
    pid_t pid;
    int out, err; /* to read from */
    char stdout_text[65536], stderr_text[4096];
    int status;
};

static void
serve(int tell)
{
    struct engine *engine = fake_engine_open();
    struct timespec t;
    struct osc *osc;
    struct err e;
    int port;

    fake_engine_move(engine, "/meter/output/momentary", -14.5);
    engine_report_text(engine, param_find("/snapshot/difference"), "eq/1/gain 0 -> 2 dB\neq/1/q 1 -> 2");
    if (osc_open(&osc, engine, NULL, 0, &e) != OK)
        _exit(1);
    port = osc_port(osc);
    if (write(tell, &port, sizeof port) != sizeof port)
        _exit(1);
    while (getppid() != 1) {
        struct pollfd p = {.fd = osc_fd(osc), .events = POLLIN};

        poll(&p, 1, 5);
        osc_receive(osc);
        clock_gettime(CLOCK_MONOTONIC, &t);
        osc_tick(osc, (int64_t)t.tv_sec * 1000000000 + t.tv_nsec);
    }
    _exit(0);
}

static int
start_host(void **state)
{
    struct host *h = calloc(1, sizeof *h);
    int ends[2], port;

    assert_non_null(h);
    assert_int_equal(pipe(ends), 0);
    h->pid = fork();
    if (h->pid == 0)
        serve(ends[1]);
    assert_int_equal(read(ends[0], &port, sizeof port), sizeof port);
    close(ends[0]);
    close(ends[1]);
    snprintf(h->port, sizeof h->port, "%d", port);
    *state = h;
    return 0;
}

static int
stop_host(void **state)
{
    struct host *h = *state;

    kill(h->pid, SIGKILL);
    waitpid(h->pid, NULL, 0);
    free(h);
    return 0;
}

/* words end with NULL; "ctl", --port and --timeout are added. */
static void
start(struct run *r, const char *port, const char *const *words)
{
    char *argv[WORDS + 6] = {(char *)"ctl", (char *)"--port", (char *)port, (char *)"--timeout",
                             (char *)"10"};
    int out[2], err[2], argc = 5;

    for (; *words; words++)
        argv[argc++] = (char *)*words;
    memset(r, 0, sizeof *r);
    assert_int_equal(pipe(out), 0);
    assert_int_equal(pipe(err), 0);
    r->pid = fork();
    if (r->pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        _exit(ctl_main(argc, argv));
    }
    close(out[1]);
    close(err[1]);
    r->out = out[0];
    r->err = err[0];
}

static void
read_all(int fd, char *text, size_t size)
{
    size_t used = strlen(text);
    ssize_t n;

    while (used + 1 < size && (n = read(fd, text + used, size - 1 - used)) > 0)
        used += (size_t)n;
    text[used] = '\0';
    close(fd);
}

static int
finish(struct run *r)
{
    int status;

    read_all(r->out, r->stdout_text, sizeof r->stdout_text);
    read_all(r->err, r->stderr_text, sizeof r->stderr_text);
    assert_int_equal(waitpid(r->pid, &status, 0), r->pid);
    assert_true(WIFEXITED(status));
    r->status = WEXITSTATUS(status);
    return r->status;
}

#define CTL(r, port, ...) ctl(r, port, (const char *const[]){__VA_ARGS__, NULL})

static int
ctl(struct run *r, const char *port, const char *const *words)
{
    start(r, port, words);
    return finish(r);
}

static void
wait_for_text(struct run *r, const char *text)
{
    while (!strstr(r->stdout_text, text)) {
        struct pollfd p = {.fd = r->out, .events = POLLIN};
        size_t used = strlen(r->stdout_text);
        ssize_t n;

        if (poll(&p, 1, PATIENCE_MS) != 1)
            fail_msg("no \"%s\" in \"%s\"", text, r->stdout_text);
        n = read(r->out, r->stdout_text + used, sizeof r->stdout_text - 1 - used);
        assert_true(n > 0);
        r->stdout_text[used + (size_t)n] = '\0';
    }
}

static void
one_value_is_one_line(void **state)
{
    struct host *h = *state;
    struct run r;

    assert_int_equal(CTL(&r, h->port, "/limit/ceiling"), 0);
    assert_string_equal(r.stdout_text, "/limit/ceiling -1 dBTP\n");
    assert_string_equal(r.stderr_text, "");
    assert_int_equal(CTL(&r, h->port, "/eq/1/type"), 0);
    assert_string_equal(r.stdout_text, "/eq/1/type bell\n");
    assert_int_equal(CTL(&r, h->port, "/meter/output/momentary"), 0);
    assert_string_equal(r.stdout_text, "/meter/output/momentary -14.5 LUFS\n");
}

static void
what_was_set_is_read_back(void **state)
{
    struct host *h = *state;
    struct run r;

    assert_int_equal(CTL(&r, h->port, "/limit/ceiling", "-3"), 0); /* no option, though it begins with '-' */
    assert_string_equal(r.stdout_text, "/limit/ceiling -3 dBTP\n");
    assert_int_equal(CTL(&r, h->port, "/eq/1/type", "notch"), 0);
    assert_string_equal(r.stdout_text, "/eq/1/type notch\n");
    assert_int_equal(CTL(&r, h->port, "/eq/on", "on"), 0);
    assert_string_equal(r.stdout_text, "/eq/on on\n");
    assert_int_equal(CTL(&r, h->port, "/limit/ceiling/norm", "0.5"), 0);
    assert_string_equal(r.stdout_text, "/limit/ceiling/norm 0.5\n");
    assert_int_equal(CTL(&r, h->port, "/limit/ceiling"), 0);
    assert_string_equal(r.stdout_text, "/limit/ceiling -6 dBTP\n");
    assert_int_equal(CTL(&r, h->port, "/print/file", "side a.wav"), 0);
    assert_string_equal(r.stdout_text, "/print/file side a.wav\n");
    assert_int_equal(CTL(&r, h->port, "/transport/next", "1"), 0);
    assert_string_equal(r.stdout_text, "/transport/next done\n");
}

static void
a_pattern_is_a_line_each(void **state)
{
    struct host *h = *state;
    struct run r;

    assert_int_equal(CTL(&r, h->port, "/eq/[78]/on", "1"), 0);
    assert_string_equal(r.stdout_text, "/eq/7/on on\n/eq/8/on on\n");
    assert_int_equal(CTL(&r, h->port, "/eq/[67]/on"), 0);
    assert_string_equal(r.stdout_text, "/eq/6/on off\n/eq/7/on on\n");
}

static void
a_dump_has_every_value(void **state)
{
    struct host *h = *state;
    struct run r;
    int lines = 0;

    assert_int_equal(CTL(&r, h->port, "dump"), 0);
    for (const char *c = r.stdout_text; *c; c++)
        lines += *c == '\n' && c[1] != '#'; /* a text's further lines */
    for (int id = 0; id < params_count(); id++)
        lines -= param_at(id)->type != PARAM_TRIGGER && param_at(id)->type != PARAM_SERIES &&
                 !(param_at(id)->flags & PARAM_COUNTER);
    assert_int_equal(lines, 0);
    assert_int_equal(CTL(&r, h->port, "dump", "/chain"), 0);
    assert_non_null(strstr(r.stdout_text, "/chain/bypass off\n"));
    for (const char *line = r.stdout_text; *line; line = strchr(line, '\n') + 1)
        assert_true(strncmp(line, "/chain/", 7) == 0);
}

/* Or "ctl load" would look for a row called eq/1/q. */
static void
further_lines_of_a_text_are_no_rows(void **state)
{
    struct host *h = *state;
    struct run r;

    assert_int_equal(CTL(&r, h->port, "/snapshot/difference"), 0);
    assert_string_equal(r.stdout_text, "/snapshot/difference eq/1/gain 0 -> 2 dB\n#   eq/1/q 1 -> 2\n");
}

/* Where a dump's text ends up, moved on the way, comes back. */
static void
dump_and_load(const char *port, const char *json)
{
    struct run r;
    char *path;

    assert_int_equal(CTL(&r, port, "/comp/ratio", "3.3"), 0);
    assert_int_equal(CTL(&r, port, "/eq/2/type", "notch"), 0);
    assert_int_equal(CTL(&r, port, "/eq/2/slope", "24"), 0);
    assert_int_equal(CTL(&r, port, "/eq/on", "on"), 0);
    assert_int_equal(CTL(&r, port, "/meter/reference/file", "a b.wav"), 0);
    assert_int_equal(CTL(&r, port, "/transport/track", "2"), 0);
    assert_int_equal(json ? CTL(&r, port, "dump", json) : CTL(&r, port, "dump"), 0);
    path = strdup(tree_put("kept", r.stdout_text));
    CTL(&r, port, "/comp/ratio", "8");
    CTL(&r, port, "/eq/2/type", "bell");
    CTL(&r, port, "/eq/2/slope", "6");
    CTL(&r, port, "/eq/on", "off");
    CTL(&r, port, "/meter/reference/file", "other.wav");
    CTL(&r, port, "/transport/track", "5");
    assert_int_equal(CTL(&r, port, "load", path), 0);
    assert_string_equal(r.stderr_text, "");
    assert_non_null(strstr(r.stdout_text, "values loaded"));
    CTL(&r, port, "/comp/ratio", "--json");
    assert_non_null(strstr(r.stdout_text, ":3.3"));
    CTL(&r, port, "/eq/2/type");
    assert_string_equal(r.stdout_text, "/eq/2/type notch\n");
    CTL(&r, port, "/eq/2/slope");
    assert_string_equal(r.stdout_text, "/eq/2/slope 24\n");
    CTL(&r, port, "/eq/on");
    assert_string_equal(r.stdout_text, "/eq/on on\n");
    CTL(&r, port, "/meter/reference/file");
    assert_string_equal(r.stdout_text, "/meter/reference/file a b.wav\n");
    CTL(&r, port, "/transport/track"); /* an act, not a setting */
    assert_string_equal(r.stdout_text, "/transport/track 5\n");
    free(path);
}

static void
what_was_dumped_is_loaded(void **state)
{
    struct host *h = *state;

    tree_make(NULL);
    dump_and_load(h->port, NULL);
    dump_and_load(h->port, "--json");
    tree_remove(NULL);
}

static void
a_file_with_a_fault_sends_nothing_and_names_its_line(void **state)
{
    static const struct {
        const char *text;
        int line;
        const char *told;
    } cases[] = {
        {"/comp/ratio 4\n\n# mine\n/limit/ceiling 3 dBTP\n", 4, "use -12 to 0 dBTP"},
        {"/comp/ratio 4\n/comp/rato 3\n", 2, "no such parameter"},
        {"/comp/ratio 4\n/eq/1/type", 2, "is no choice"},
        {"{\"/comp/ratio\": {\"value\": 4},\n \"/eq/1/gain\": {\"value\": 99}}", 2, "use -24 to 24 dB"},
        {"{\"/comp/ratio\": {\"value\": 4},\n\n \"/eq/1/gain\": 3}", 3, "no \"value\""},
        {"{\"/comp/ratio\": {\"value\": 4},\n", 2, "expected"},
    };
    struct host *h = *state;
    char place[128];
    struct run r;

    tree_make(NULL);
    for (size_t i = 0; i < LEN(cases); i++) {
        const char *path = tree_put("bad", cases[i].text);

        snprintf(place, sizeof place, "%s:%d: ", path, cases[i].line);
        assert_int_equal(CTL(&r, h->port, "load", path), 2);
        assert_string_equal(r.stdout_text, "");
        if (!strstr(r.stderr_text, place) || !strstr(r.stderr_text, cases[i].told))
            fail_msg("not %s %s: %s", place, cases[i].told, r.stderr_text);
    }
    assert_int_equal(CTL(&r, h->port, "load", tree_path("nothing")), 2);
    assert_non_null(strstr(r.stderr_text, "nothing: No such file"));
    assert_int_equal(CTL(&r, h->port, "/comp/ratio"), 0);
    assert_string_equal(r.stdout_text, "/comp/ratio 2:1\n");
    assert_int_equal(CTL(&r, "1", "load", tree_put("good", "/comp/ratio 3\n")), 1);
    assert_non_null(strstr(r.stderr_text, "no host answers"));
    tree_remove(NULL);
}

static void
json_is_one_object(void **state)
{
    struct host *h = *state;
    json_t *o, *ceiling, *type, *on;
    struct run r;

    CTL(&r, h->port, "/limit/ceiling", "-0.1");
    assert_int_equal(CTL(&r, h->port, "--json", "/limit/*"), 0);
    o = json_loads(r.stdout_text, 0, NULL);
    assert_non_null(o);
    ceiling = json_object_get(o, "/limit/ceiling");
    on = json_object_get(o, "/limit/on");
    assert_true(json_real_value(json_object_get(ceiling, "value")) == -0.1);
    assert_string_equal(json_string_value(json_object_get(ceiling, "unit")), "dBTP");
    assert_true(json_is_false(json_object_get(on, "value")));
    json_decref(o);
    assert_int_equal(CTL(&r, h->port, "/eq/1/type", "--json"), 0);
    o = json_loads(r.stdout_text, 0, NULL);
    type = json_object_get(o, "/eq/1/type");
    assert_string_equal(json_string_value(json_object_get(type, "value")), "bell");
    json_decref(o);
    assert_int_equal(CTL(&r, h->port, "ping", "--json"), 0);
    o = json_loads(r.stdout_text, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(o, "name")), "deadwax");
    json_decref(o);
}

static void
a_refusal_is_one_line_with_its_status(void **state)
{
    /* 2: wrong use, seen here; 1: the host's own answer */
    static const char *const cases[][3] = {
        {"/limit/ceiling", "3", "deadwax: /limit/ceiling: 3 is out of range: use -12 to 0 dBTP\n"},
        {"/limit/celing", NULL, "deadwax: /limit/celing: no such parameter: nearest are /limit/ceiling"},
        {"/eq/1/type", "bel", "deadwax: /eq/1/type: bel is no choice: use bell"},
        {"/limit/ceiling/norm", "2", "deadwax: /limit/ceiling/norm: 2 is out of range: use 0 to 1\n"},
        {"/transport/file", "x.wav", "deadwax: /transport/file: can only be read\n"}, /* the host's own */
        {"/transport/next", NULL, "deadwax: /transport/next: is a trigger"},
    };
    struct host *h = *state;
    struct run r;

    for (size_t i = 0; i < LEN(cases); i++) {
        assert_int_equal(ctl(&r, h->port,
                             cases[i][1] ? (const char *const[]){cases[i][0], cases[i][1], NULL}
                                         : (const char *const[]){cases[i][0], NULL}),
                         strcmp(cases[i][0], "/transport/file") == 0 ? 1 : 2);
        assert_string_equal(r.stdout_text, "");
        if (strncmp(r.stderr_text, cases[i][2], strlen(cases[i][2])) != 0)
            fail_msg("%s", r.stderr_text);
        assert_ptr_equal(strchr(r.stderr_text, '\n') + 1, strchr(r.stderr_text, '\0'));
    }
}

static void
wrong_use_is_status_2(void **state)
{
    static const char *const cases[][4] = {
        {"limit", NULL},
        {"--frob", "/eq/on", NULL},
        {"/eq/on", "1", "2", NULL},
        {"/eq/on", "--port", "0", NULL},
        {"/eq/on", "--timeout", NULL},
        {"/eq/on", "--timeout", "x", NULL},
        {"ping", "1", NULL},
        {"load", NULL},
        {"load", "a", "b", NULL},
        {NULL},
    };
    struct host *h = *state;
    struct run r;

    for (size_t i = 0; i < LEN(cases); i++) {
        assert_int_equal(ctl(&r, h->port, cases[i]), 2);
        assert_string_equal(r.stdout_text, "");
        assert_true(strlen(r.stderr_text) > 0);
    }
}

static void
watching_shows_each_change(void **state)
{
    struct host *h = *state;
    struct run watch, r;

    start(&watch, h->port, (const char *const[]){"--watch", "/limit", NULL});
    wait_for_text(&watch, "/limit/lookahead 1.5 ms\n");
    assert_non_null(strstr(watch.stdout_text, "/limit/ceiling -1 dBTP\n"));
    assert_int_equal(CTL(&r, h->port, "/eq/on", "1"), 0);
    assert_int_equal(CTL(&r, h->port, "/limit/ceiling", "-2"), 0);
    wait_for_text(&watch, "/limit/ceiling -2 dBTP\n");
    assert_null(strstr(watch.stdout_text, "/eq"));
    kill(watch.pid, SIGTERM);
    assert_int_equal(finish(&watch), 0);
    assert_string_equal(watch.stderr_text, "");

    start(&watch, h->port, (const char *const[]){"--watch", "/eq/*/on", "--json", NULL});
    wait_for_text(&watch, "{\"/eq/8/on\":{\"value\":false}}\n");
    assert_null(strstr(watch.stdout_text, "gain"));
    kill(watch.pid, SIGINT);
    assert_int_equal(finish(&watch), 0);
    assert_int_equal(CTL(&r, h->port, "--watch", "/limit", "--for", "0.05"), 0);
}

static void
no_host_says_how_to_start_one(void **state)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    static const char *const cases[][4] = {
        {"/eq/on", NULL}, {"/eq/on", "1", NULL}, {"ping", NULL}, {"dump", NULL}, {"--watch", "/eq", NULL}};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    socklen_t size = sizeof at;
    char port[8], want[128];
    struct run r;

    (void)state;
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    snprintf(port, sizeof port, "%d", ntohs(at.sin_port));
    snprintf(want, sizeof want, "deadwax: no host answers at 127.0.0.1:%s: start one with \"deadwax run\"\n",
             port);
    assert_int_equal(CTL(&r, port, "/eq/on", "--timeout", "0.05"), 1); /* somebody who does not speak OSC */
    assert_string_equal(r.stderr_text, want);
    close(fd);
    for (size_t i = 0; i < LEN(cases); i++) { /* nobody at all */
        assert_int_equal(ctl(&r, port, cases[i]), 1);
        assert_string_equal(r.stderr_text, want);
        assert_string_equal(r.stdout_text, "");
    }
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start_host, stop_host)
    static const struct CMUnitTest tests[] = {
        TEST(one_value_is_one_line),
        TEST(what_was_set_is_read_back),
        TEST(a_pattern_is_a_line_each),
        TEST(a_dump_has_every_value),
        TEST(further_lines_of_a_text_are_no_rows),
        TEST(what_was_dumped_is_loaded),
        TEST(a_file_with_a_fault_sends_nothing_and_names_its_line),
        TEST(json_is_one_object),
        TEST(a_refusal_is_one_line_with_its_status),
        TEST(wrong_use_is_status_2),
        TEST(watching_shows_each_change),
        cmocka_unit_test(no_host_says_how_to_start_one),
    };

    params_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

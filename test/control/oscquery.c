/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/oscquery.h"

#include "control/wire.h"
#include "test/control/fake_engine.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct room {
    struct engine *engine;
    struct oscquery *q;
};

static int
set_up(void **state)
{
    static const struct oscquery_host host = {"deadwax", 9000, 9001};
    struct room *r = calloc(1, sizeof *r);

    assert_non_null(r);
    r->engine = fake_engine_open();
    assert_int_equal(oscquery_open(&r->q, r->engine, &host), OK);
    *state = r;
    return 0;
}

static int
tear_down(void **state)
{
    struct room *r = *state;

    oscquery_close(r->q);
    fake_engine_close(r->engine);
    free(r);
    return 0;
}

/* Strictly JSON; yours to decref. */
static json_t *
ask(struct room *r, const char *path, const char *attribute)
{
    char *body;
    size_t size;
    json_error_t e;
    json_t *o;

    assert_int_equal(oscquery_answer(r->q, path, attribute, &body, &size), 200);
    o = json_loadb(body, size, JSON_REJECT_DUPLICATES, &e);
    if (!o)
        fail_msg("%s?%s: %s", path, attribute, e.text);
    free(body);
    return o;
}

static int
status_of(struct room *r, const char *path, const char *attribute)
{
    char *body;
    size_t size;
    int status = oscquery_answer(r->q, path, attribute, &body, &size);

    assert_true((status == 200) == (body != NULL));
    free(body);
    return status;
}

/* The node at a path below o; NULL: there is none. */
static const json_t *
below(const json_t *o, const char *path)
{
    char name[PARAM_PATH_SIZE];

    while (o && *path) {
        size_t n = strcspn(path + 1, "/");

        snprintf(name, sizeof name, "%.*s", (int)n, path + 1);
        o = json_object_get(json_object_get(o, "CONTENTS"), name);
        path += 1 + n;
    }
    return o;
}

static const char *
word_of(const json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

static int
number_of(const json_t *o, const char *key)
{
    return (int)json_integer_value(json_object_get(o, key));
}

/* What the wire sends for the row, with its types. */
static int
sent(struct room *r, int id, struct packet_arg arg[PACKET_ARGS])
{
    const struct param *p = param_at(id);
    uint64_t generation;

    if (p->type == PARAM_SERIES)
        return wire_write_series(p, engine_get_series(r->engine, id, &generation), arg);
    return wire_write(p, false, engine_get(r->engine, id), engine_get_text(r->engine, id), arg);
}

static void
check_value(struct room *r, int id, const json_t *node)
{
    struct packet_arg arg[PACKET_ARGS];
    const json_t *values = json_object_get(node, "VALUE");
    const char *type = word_of(node, "TYPE");
    int n = sent(r, id, arg);

    assert_int_equal(strlen(type), n);
    assert_int_equal(json_array_size(values), n);
    for (int i = 0; i < n; i++) {
        const json_t *value = json_array_get(values, (size_t)i);

        assert_int_equal(type[i], arg[i].type);
        if (arg[i].text)
            assert_string_equal(json_string_value(value), arg[i].text);
        else
            assert_true(fabs(json_number_value(value) - arg[i].number) <= 1e-12 * fabs(arg[i].number));
    }
}

/* A generic client sends this, of the type that the node names; the table must take it. */
static void
check_takes(const struct param *p, const json_t *node)
{
    const char *type = word_of(node, "TYPE");
    struct packet_message m = {.path = p->path, .nargs = (int)strlen(type)};
    const char *text = NULL;
    double value = p->def;
    struct err e;

    for (int i = 0; i < m.nargs; i++)
        m.arg[i] = (struct packet_arg){.type = type[i], .number = p->max, .text = "bell"};
    for (int i = 0; i < m.nargs; i++)
        if (type[i] != 's')
            m.arg[i].text = NULL;
    assert_int_equal(wire_read(p, false, &m, &value, &text, &e), WIRE_SET);
    if (param_is_number(p))
        assert_true(param_check(p, value, &e));
}

static void
each_row_is_a_node_that_says_what_the_table_says(void **state)
{
    struct room *r = *state;
    json_t *tree = ask(r, "/", "");

    for (int id = 0; id < params_count(); id++) {
        const struct param *p = param_at(id);
        const json_t *node = below(tree, p->path);
        bool trigger = p->type == PARAM_TRIGGER, reading = p->flags & PARAM_READ_ONLY;

        assert_non_null(node);
        assert_string_equal(word_of(node, "FULL_PATH"), p->path);
        assert_null(json_object_get(node, "CONTENTS")); /* or clients would not take it for a method */
        assert_non_null(strstr(word_of(node, "DESCRIPTION"), p->text));
        assert_int_equal(number_of(node, "ACCESS"), trigger ? 2 : reading ? 1 : 3);
        assert_int_equal(json_object_get(node, "UNIT") != NULL, p->unit != UNIT_NONE);
        assert_int_equal(json_object_get(node, "VALUE") != NULL, !trigger);
        if (trigger)
            assert_string_equal(word_of(node, "TYPE"), "I");
        else
            check_value(r, id, node);
        if (!reading)
            check_takes(p, node);
    }
    json_decref(tree);
}

static void
count(const json_t *node, int *methods, int *containers)
{
    const char *name;
    json_t *child;

    *methods += json_object_get(node, "TYPE") != NULL;
    *containers += json_object_get(node, "CONTENTS") != NULL;
    json_object_foreach(json_object_get((json_t *)node, "CONTENTS"), name, child)
        count(child, methods, containers);
}

static void
there_is_nothing_else_in_the_tree(void **state)
{
    struct room *r = *state;
    json_t *tree = ask(r, "/", "");
    int methods = 0, containers = 0;

    count(tree, &methods, &containers);
    assert_int_equal(methods, params_count());
    assert_true(containers > 20);
    assert_string_equal(word_of(tree, "FULL_PATH"), "/");
    assert_int_equal(number_of(tree, "ACCESS"), 0);
    json_decref(tree);
}

static void
ranges_are_of_each_value(void **state)
{
    struct room *r = *state;
    json_t *o = ask(r, "/eq/1/gain", "RANGE");
    const json_t *range = json_array_get(json_object_get(o, "RANGE"), 0);

    assert_int_equal(number_of(range, "MIN"), -24);
    assert_int_equal(number_of(range, "MAX"), 24);
    json_decref(o);
    o = ask(r, "/eq/1/type", "RANGE");
    assert_int_equal(json_array_size(json_object_get(o, "RANGE")), 2);
    range = json_array_get(json_object_get(o, "RANGE"), 1);
    assert_string_equal(json_string_value(json_array_get(json_object_get(range, "VALS"), 5)), "notch");
    json_decref(o);
    o = ask(r, "/meter/output/spectrum", "RANGE");
    assert_int_equal(number_of(json_object_get(o, "RANGE"), "MIN"), -200); /* one for all of them */
    json_decref(o);
    assert_int_equal(status_of(r, "/print/file", "RANGE"), 204);
}

static void
a_value_is_what_it_is_now(void **state)
{
    struct room *r = *state;
    json_t *o;

    fake_engine_move(r->engine, "/eq/1/gain", 0.1);
    fake_engine_move(r->engine, "/eq/1/type", 5);
    o = ask(r, "/eq/1", "");
    assert_true(json_real_value(json_array_get(json_object_get(below(o, "/gain"), "VALUE"), 0)) == 0.1);
    assert_string_equal(json_string_value(json_array_get(json_object_get(below(o, "/type"), "VALUE"), 1)),
                        "notch");
    json_decref(o);
    o = ask(r, "/eq/1/gain/norm", "VALUE");
    assert_true(fabs(json_number_value(json_array_get(json_object_get(o, "VALUE"), 0)) - 24.1 / 48) < 1e-12);
    json_decref(o);
}

static void
no_value_breaks_the_json(void **state)
{
    static const double values[] = {NAN, INFINITY, -INFINITY, 1e300, -0.0, 1e15, 12345.678901234567};
    struct room *r = *state;

    for (size_t i = 0; i < LEN(values); i++) {
        fake_engine_move(r->engine, "/meter/output/peak/1", values[i]);
        fake_engine_move(r->engine, "/meter/dsp/xruns", values[i]);
        r->engine->series[0] = values[i];
        json_decref(ask(r, "/meter", ""));
        json_decref(ask(r, "/meter/output/peak/1/norm", ""));
    }
    fake_engine_move(r->engine, "/meter/output/peak/1", -INFINITY);
    json_t *o = ask(r, "/meter/output/peak/1", "VALUE");
    assert_int_equal(json_integer_value(json_array_get(json_object_get(o, "VALUE"), 0)), -120);
    json_decref(o);
}

static void
a_files_name_may_be_any_bytes(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"a \"b\" \\ \x01\n.wav", "a \"b\" \\ \x01\n.wav"},
        {"\xc3\xa4\xe2\x82\xac\xf0\x9d\x84\x9e", "\xc3\xa4\xe2\x82\xac\xf0\x9d\x84\x9e"},
        {"\xe4.wav", "?.wav"},
        {"\xc0\xae\xed\xa0\x80\xf4\x90\x80\x80\xff", "??"
                                                     "???"
                                                     "????"
                                                     "?"},
        {"\xe2\x82", "??"},
    };
    struct room *r = *state;
    struct err e;

    for (size_t i = 0; i < LEN(cases); i++) {
        json_t *o;

        engine_set_text(r->engine, param_find("/print/file"), cases[i].text, "test", &e);
        o = ask(r, "/print/file", "VALUE");
        assert_string_equal(json_string_value(json_array_get(json_object_get(o, "VALUE"), 0)), cases[i].want);
        json_decref(o);
    }
}

static void
what_is_not_there_has_its_status(void **state)
{
    static const struct {
        const char *path, *attribute;
        int status;
    } cases[] = {
        {"/eq/9", "", 404},
        {"/eq/1/gain/", "", 404},
        {"/eq/1/gain/x", "", 404},
        {"eq", "", 404},
        {"/subscribe", "", 404},
        {"/eq//1", "", 404},
        {"/norm", "", 404},
        {"/eq/norm", "", 404},
        {"/meter/reset/norm", "", 404},
        {"/eq/1/gain", "value", 400},
        {"/nothing", "NONSENSE", 400},
        {"/meter/reset", "VALUE", 204},
        {"/meter/reset/norm", "VALUE", 404},
        {"/eq", "VALUE", 204},
        {"/eq", "RANGE", 204},
        {"/eq", "TYPE", 200},
        {"/eq", "CONTENTS", 200},
        {"/eq/1/gain", "CONTENTS", 204},
        {"/eq/1/gain", "CLIPMODE", 204},
        {"/eq/1/gain", "HTML", 204},
        {"/eq/1/q", "UNIT", 204},
        {"", "", 200},
        {"/nothing", "HOST_INFO", 200},
    };
    struct room *r = *state;

    for (size_t i = 0; i < LEN(cases); i++)
        assert_int_equal(status_of(r, cases[i].path, cases[i].attribute), cases[i].status);
}

static void
the_host_says_where_its_osc_is(void **state)
{
    json_t *o = ask(*state, "/", "HOST_INFO");

    assert_string_equal(word_of(o, "NAME"), "deadwax");
    assert_int_equal(number_of(o, "OSC_PORT"), 9000);
    assert_int_equal(number_of(o, "WS_PORT"), 9001);
    assert_true(json_is_true(json_object_get(json_object_get(o, "EXTENSIONS"), "LISTEN")));
    json_decref(o);
}

static void
an_order_has_changed_when_two_stages_change_places(void **state)
{
    struct room *r = *state;
    double eq = fake_engine_value(r->engine, OSCQUERY_ORDER "/eq"),
           deess = fake_engine_value(r->engine, OSCQUERY_ORDER "/deess");

    assert_false(oscquery_rearranged(r->q));
    fake_engine_move(r->engine, OSCQUERY_ORDER "/eq",
                     eq + 0.5 * (deess - eq) - 6); /* before insert 1 still */
    assert_false(oscquery_rearranged(r->q));
    fake_engine_move(r->engine, OSCQUERY_ORDER "/eq", deess + 1);
    assert_true(oscquery_rearranged(r->q));
    assert_false(oscquery_rearranged(r->q));
    fake_engine_move(r->engine, OSCQUERY_ORDER "/eq", deess); /* equals stand as in the table */
    assert_true(oscquery_rearranged(r->q));
    fake_engine_move(r->engine, OSCQUERY_ORDER "/eq", eq);
    assert_true(oscquery_rearranged(r->q));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_row_is_a_node_that_says_what_the_table_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(there_is_nothing_else_in_the_tree, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ranges_are_of_each_value, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_value_is_what_it_is_now, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_value_breaks_the_json, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_files_name_may_be_any_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_there_has_its_status, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_host_says_where_its_osc_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_order_has_changed_when_two_stages_change_places, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

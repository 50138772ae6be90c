/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/cli/layout.h"

#include "control/cli/cli.h"
#include "control/osc.h"
#include "control/packet.h"
#include "control/wire.h"
#include "dsp/dsp.h"
#include "test/control/fake_engine.h"
#include "test/kit/file.h"
#include "test/kit/tree.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

enum { WIDGETS = 4096, XML_SIZE = 8 << 20 };

static struct layout layout;
static json_t *session, *widget[WIDGETS];
static int nwidgets;
static char *xml;

/* --- both files, read back ---------------------------------------------------------------------- */

static void
collect(json_t *w)
{
    static const char *const below[] = {"tabs", "widgets"};

    assert_true(nwidgets < WIDGETS);
    widget[nwidgets++] = w;
    for (size_t k = 0; k < LEN(below); k++)
        for (size_t i = 0; i < json_array_size(json_object_get(w, below[k])); i++)
            collect(json_array_get(json_object_get(w, below[k]), i));
}

static int
read_both(void **state)
{
    size_t size;
    unsigned char *data;
    uLongf room = XML_SIZE;

    (void)state;
    layout_make(&layout);
    data = layout_stagecontrol(&layout, &size);
    assert_non_null(data);
    session = json_loadb((char *)data, size, 0, NULL);
    assert_non_null(session);
    collect(json_object_get(session, "content"));
    free(data);
    data = layout_touchosc(&layout, 9001, &size);
    assert_non_null(data);
    assert_int_equal(data[0], 0x78);
    xml = calloc(1, XML_SIZE);
    assert_non_null(xml);
    assert_int_equal(uncompress((Bytef *)xml, &room, data, size), Z_OK);
    free(data);
    return 0;
}

static int
drop_both(void **state)
{
    (void)state;
    json_decref(session);
    free(xml);
    return 0;
}

static const char *
word_of(const json_t *w, const char *key)
{
    const char *word = json_string_value(json_object_get(w, key));

    return word ? word : "";
}

static bool
speaks_of(const json_t *w, const char *path)
{
    char found[2 * WIRE_PATH_SIZE];

    snprintf(found, sizeof found, "%s", word_of(w, "address"));
    found[strcspn(found, "'")] = '\0';
    return strcmp(found, path) == 0;
}

/* Tags that are open, one in the other. */
static void
assert_well_formed(const char *text)
{
    char open[64][32];
    int depth = 0;

    for (const char *c = strstr(text, "?>"); (c = strchr(c, '<')) != NULL; c++) {
        char name[32];
        bool closes = c[1] == '/';

        snprintf(name, sizeof name, "%.*s", (int)strcspn(c + 1 + closes, " >"), c + 1 + closes);
        if (!closes) {
            assert_true(depth < 64);
            memcpy(open[depth++], name, sizeof name);
        } else {
            assert_true(depth > 0);
            assert_string_equal(open[--depth], name);
        }
    }
    assert_int_equal(depth, 0);
}

/* --- what is on it ------------------------------------------------------------------------------ */

static bool
is_shown(const struct param *p)
{
    int n = 0;

    for (int i = 0; i < layout.npages; i++)
        for (int c = 0; c < layout.page[i].ncolumns; c++)
            for (int r = 0; r < layout.page[i].column[c].nrows; r++)
                n += layout.page[i].column[c].row[r] == p;
    assert_true(n <= 1);
    return n;
}

static void
every_row_of_a_stage_is_on_one_page(void **state)
{
    static const char *const whole[] = {"/eq",       "/comp",    "/deess", "/limit",   "/multiband",
                                        "/saturate", "/exciter", "/clip",  "/stereo",  "/insert",
                                        "/monitor",  "/input",   "/print", "/snapshot"};
    int n = 0;

    (void)state;
    for (int id = 0; id < params_count(); id++)
        for (size_t i = 0; i < LEN(whole); i++)
            if (wire_inside(param_at(id)->path, whole[i])) {
                if (!is_shown(param_at(id)))
                    fail_msg("%s is on no page", param_at(id)->path);
                n++;
            }
    assert_true(n > 250);
}

static void
the_pages_have_what_they_are_named_for(void **state)
{
    static const char *const must[] = {"/meter/comp/reduction",
                                       "/meter/limit/reduction",
                                       "/meter/multiband/4/reduction",
                                       "/meter/output/momentary",
                                       "/meter/output/integrated",
                                       "/meter/output/correlation",
                                       "/meter/output/true_peak/2",
                                       "/transport/play",
                                       "/transport/position",
                                       "/monitor/dim",
                                       "/chain/bypass",
                                       "/meter/reset"};

    (void)state;
    assert_int_equal(layout.npages, LAYOUT_PAGES);
    for (int i = 0; i < layout.npages; i++)
        assert_true(layout.page[i].ncolumns > 0 &&
                    layout.page[i].ncolumns < LAYOUT_COLUMNS); /* none cut off */
    for (size_t i = 0; i < LEN(must); i++)
        if (!is_shown(param_at(param_find(must[i]))))
            fail_msg("%s is on no page", must[i]);
}

static void
a_level_moves_in_steps_and_by_nothing_else(void **state)
{
    char path[2 * PARAM_PATH_SIZE];
    int levels = 0;

    (void)state;
    for (int id = 0; id < params_count(); id++) {
        const struct param *p = param_at(id);

        if (p->type != PARAM_FLOAT || p->scale != SCALE_DB || p->owner == OWNER_METER || !is_shown(p))
            continue;
        levels++;
        for (int i = 0; i < nwidgets; i++)
            if (speaks_of(widget[i], p->path))
                assert_string_equal(word_of(widget[i], "type"), "text");
        snprintf(path, sizeof path, "<value>%s</value><scaleMin>", p->path);
        assert_null(strstr(xml, path));
        snprintf(path, sizeof path, "<value>%s/norm</value><scaleMin>", p->path);
        assert_null(strstr(xml, path));
        snprintf(path, sizeof path, "<value>%s/step</value><scaleMin>", p->path);
        assert_non_null(strstr(xml, path));
    }
    assert_true(levels > 40);
}

/* --- Open Stage Control ------------------------------------------------------------------------- */

static int
compare_words(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
a_session_has_its_frame_and_each_id_once(void **state)
{
    static const char *id[WIDGETS];

    (void)state;
    assert_string_equal(word_of(session, "type"), "session");
    assert_string_equal(word_of(session, "version"), "1.26.0");
    assert_int_equal(json_array_size(json_object_get(widget[0], "tabs")), LAYOUT_PAGES + 1);
    for (int i = 0; i < nwidgets; i++) {
        id[i] = word_of(widget[i], "id");
        assert_true(*id[i]);
        assert_true(!json_object_get(widget[i], "tabs") || !json_object_get(widget[i], "widgets"));
    }
    qsort(id, (size_t)nwidgets, sizeof *id, compare_words);
    for (int i = 1; i < nwidgets; i++)
        assert_string_not_equal(id[i], id[i - 1]);
}

static void
nothing_is_sent_by_loading_or_by_a_double_tap(void **state)
{
    int faders = 0;

    (void)state;
    for (int i = 0; i < nwidgets; i++) {
        const json_t *def = json_object_get(widget[i], "default");

        assert_true(!def || strcmp(json_string_value(def), "") == 0);
        assert_null(json_object_get(widget[i], "onCreate"));
        if (strcmp(word_of(widget[i], "type"), "fader") != 0)
            continue;
        faders++;
        assert_true(json_is_false(json_object_get(widget[i], "snap")));
        assert_true(json_is_false(json_object_get(widget[i], "doubleTap")));
    }
    assert_true(faders > 100);
}

static void
a_fader_has_the_rows_own_range(void **state)
{
    (void)state;
    for (int i = 0; i < nwidgets; i++) {
        int id = param_find(word_of(widget[i], "address"));
        const json_t *range = json_object_get(widget[i], "range");

        if (!range || param_at(id)->owner == OWNER_METER || param_at(id)->flags & PARAM_READ_ONLY)
            continue;
        assert_true(json_number_value(json_object_get(range, "min")) == param_at(id)->min);
        assert_true(json_number_value(json_object_get(range, "max")) == param_at(id)->max);
        assert_int_equal(json_is_true(json_object_get(widget[i], "logScale")),
                         param_at(id)->scale == SCALE_LOG);
    }
}

static void
a_menu_has_every_choice_in_its_order(void **state)
{
    int menus = 0;

    (void)state;
    for (int i = 0; i < nwidgets; i++) {
        const char *sends = strchr(word_of(widget[i], "onValue"), '\''), *key;
        char path[PARAM_PATH_SIZE];
        json_t *values = json_object_get(widget[i], "values"), *value;
        int n = 0;

        if (!values)
            continue;
        menus++;
        snprintf(path, sizeof path, "%.*s", (int)strcspn(sends + 1, "'"), sends + 1);
        json_object_foreach(values, key, value)
        {
            const char *name = param_at(param_find(path))->names[n];

            assert_int_equal(json_integer_value(value), n++);
            assert_memory_equal(key, name, strlen(name));
            assert_true(strspn(key, "0123456789") < strlen(key));
        }
        assert_int_equal(n, (int)param_at(param_find(path))->max + 1);
    }
    assert_true(menus > 40);
}

/* --- TouchOSC ----------------------------------------------------------------------------------- */

static void
a_document_is_well_formed_and_has_each_id_once(void **state)
{
    static const char *id[WIDGETS];
    int n = 0;

    (void)state;
    assert_memory_equal(xml, "<?xml version='1.0' encoding='UTF-8'?>\n<lexml version='3'>\n<node ID='", 69);
    assert_well_formed(xml);
    for (const char *c = xml; (c = strstr(c, "<node ID='")) != NULL; n++) {
        assert_true(n < WIDGETS);
        c += strlen("<node ID='");
        id[n] = strndup(c, 36);
        assert_int_equal(c[36], '\'');
    }
    qsort(id, (size_t)n, sizeof *id, compare_words);
    for (int i = 1; i < n; i++)
        assert_string_not_equal(id[i], id[i - 1]);
    for (int i = 0; i < n; i++)
        free((char *)id[i]);
}

static void
the_script_subscribes_with_the_tablets_port(void **state)
{
    (void)state;
    assert_non_null(strstr(xml, "value = 9001}"));
    assert_non_null(strstr(xml, "subscribe('/norm')"));
    assert_non_null(strstr(xml, "string.format('%.2f'"));
    assert_non_null(strstr(xml, "if now - last &lt; 4000"));
}

/* --- what it sends, to a host ------------------------------------------------------------------- */

struct room {
    struct engine *engine;
    struct osc *osc;
    int fd;
    char refused[256]; /* the last error's text */
};

static void
note(void *context, const struct packet_message *m)
{
    struct room *r = context;

    if (strcmp(m->path, "/error") == 0 && m->nargs > 1)
        snprintf(r->refused, sizeof r->refused, "%s", m->arg[1].text);
}

static void
open_room(struct room *r)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct err e;

    memset(r, 0, sizeof *r);
    r->engine = fake_engine_open();
    assert_int_equal(osc_open(&r->osc, r->engine, NULL, 0, &e), OK);
    at.sin_port = htons((uint16_t)osc_port(r->osc));
    r->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_int_equal(connect(r->fd, (struct sockaddr *)&at, sizeof at), 0);
}

static void
close_room(struct room *r)
{
    close(r->fd);
    osc_close(r->osc);
    fake_engine_close(r->engine);
}

static void
is_taken(struct room *r, const char *path, struct packet_arg arg)
{
    unsigned char data[PACKET_SIZE];
    struct packet_writer w;
    ssize_t n;

    packet_message(&w);
    assert_true(packet_add(&w, path, &arg, 1));
    assert_int_equal(send(r->fd, w.data, w.size, 0), w.size);
    osc_receive(r->osc);
    while ((n = recv(r->fd, data, sizeof data, 0)) > 0)
        packet_read(data, (size_t)n, note, r);
    if (r->refused[0])
        fail_msg("%s", r->refused);
}

static void
a_host_takes_what_open_stage_control_sends(void **state)
{
    struct room r;
    int sent = 0;

    (void)state;
    open_room(&r);
    for (int i = 0; i < nwidgets; i++) {
        const json_t *w = widget[i], *on = json_object_get(w, "on");
        const char *address = word_of(w, "address");

        if (strcmp(address, "/subscribe") == 0 || *address != '/' ||
            json_is_true(json_object_get(w, "bypass")))
            continue;
        if (on)
            is_taken(&r, address,
                     (struct packet_arg){.type = *word_of(w, "typeTags"), .number = json_number_value(on)});
        else if (json_object_get(w, "range"))
            is_taken(&r, address,
                     (struct packet_arg){
                         .type = 'f',
                         .number = json_number_value(json_object_get(json_object_get(w, "range"), "max"))});
        else
            continue;
        sent++;
    }
    assert_true(sent > 200);
    assert_true(fake_engine_value(r.engine, "/monitor/level") == -20.0); /* one less, one more */
    close_room(&r);
}

/* The n-th word in <value> after c. */
static double
number_in(const char *c)
{
    return strtod(strstr(c, "<value>") + strlen("<value>"), NULL);
}

static void
a_host_takes_what_touchosc_sends(void **state)
{
    struct room r;
    int sent = 0;

    (void)state;
    open_room(&r);
    for (const char *c = xml; (c = strstr(c, "<osc>")) != NULL; c++) {
        const char *path = strstr(strstr(c, "<path>"), "<value>") + strlen("<value>"),
                   *args = strstr(c, "<arguments>");
        bool constant = strncmp(strstr(args, "<type>"), "<type>CONSTANT", 14) == 0;
        bool whole = strncmp(strstr(args, "<conversion>"), "<conversion>INTEGER", 19) == 0;
        char address[2 * WIRE_PATH_SIZE];

        if (strstr(c, "<send>0") && strstr(c, "<send>0") < args)
            continue;
        snprintf(address, sizeof address, "%.*s", (int)strcspn(path, "<"), path);
        is_taken(&r, address,
                 (struct packet_arg){.type = whole ? 'i' : 'f', .number = constant ? number_in(args) : 1.0});
        sent++;
    }
    assert_true(sent > 300);
    assert_true(fake_engine_value(r.engine, "/monitor/level") == -20.0);
    close_room(&r);
}

/* --- the verb ----------------------------------------------------------------------------------- */

static int
run(const char *format, const char *path, const char *more)
{
    char *argv[] = {(char *)"layout", (char *)format, (char *)"-o", (char *)path, (char *)more, NULL};

    return layout_main(more ? 5 : 4, argv);
}

static void
a_file_is_not_overwritten_unless_forced(void **state)
{
    const char *path;
    unsigned char *bytes;
    size_t size;

    tree_make(state);
    path = tree_put("mine.tosc", "mine");
    assert_int_equal(run("touchosc", path, NULL), 1);
    bytes = file_bytes(path, &size);
    assert_int_equal(size, 4);
    free(bytes);
    assert_int_equal(run("touchosc", path, "--force"), 0);
    bytes = file_bytes(path, &size);
    assert_true(size > 1000 && bytes[0] == 0x78);
    free(bytes);
    assert_int_equal(run("open-stage-control", tree_path("new.json"), NULL), 0);
    assert_int_equal(run("open-stage-control", tree_path("no/such/place.json"), NULL), 1);
    assert_int_equal(run("lemur", tree_path("x"), NULL), 2);
    tree_remove(state);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_a_stage_is_on_one_page),
        cmocka_unit_test(the_pages_have_what_they_are_named_for),
        cmocka_unit_test(a_level_moves_in_steps_and_by_nothing_else),
        cmocka_unit_test(a_session_has_its_frame_and_each_id_once),
        cmocka_unit_test(nothing_is_sent_by_loading_or_by_a_double_tap),
        cmocka_unit_test(a_fader_has_the_rows_own_range),
        cmocka_unit_test(a_menu_has_every_choice_in_its_order),
        cmocka_unit_test(a_document_is_well_formed_and_has_each_id_once),
        cmocka_unit_test(the_script_subscribes_with_the_tablets_port),
        cmocka_unit_test(a_host_takes_what_open_stage_control_sends),
        cmocka_unit_test(a_host_takes_what_touchosc_sends),
        cmocka_unit_test(a_file_is_not_overwritten_unless_forced),
    };

    params_init();
    return cmocka_run_group_tests(tests, read_both, drop_both);
}

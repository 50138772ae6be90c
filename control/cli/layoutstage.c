/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session of Open Stage Control.
 *
 * A choice comes as number and word, which a menu can't take: a variable beside it takes the message and hands the
 * number on. Scripts can send only in answer to a finger, so subscribing is a button.
 *
 * sources  docs/widgets/properties-reference.md and docs/widgets/scripting.md of Open Stage Control 1.x
 */
#include "control/cli/layout.h"

#include <jansson.h>
#include <string.h>

#define LEASE_S 3600.0 /* the longest there is */

/* "/eq/1/gain" with a word behind: "eq_1_gain_more". */
static json_t *
id_of(const char *path, const char *suffix)
{
    char id[2 * PARAM_PATH_SIZE];

    snprintf(id, sizeof id, "%s%s", path + 1, suffix);
    for (char *c = id; *c; c++)
        if (*c == '/')
            *c = '_';
    return json_string(id);
}

/* default stays empty: a layout that loads sends nothing. */
static json_t *
widget(const char *type, const struct param *p, const char *suffix, const char *address)
{
    return json_pack("{s:s, s:o, s:s, s:s, s:b}", "type", type, "id", id_of(p->path, suffix), "address",
                     address, "default", "", "expand", 1);
}

static json_t *
label(const struct param *p)
{
    const char *unit = param_unit_name(p->unit);
    char text[2 * PARAM_PATH_SIZE];

    snprintf(text, sizeof text, *unit ? "%s, %s" : "%s", p->label, unit);
    return json_string(text);
}

static json_t *
text(const struct param *p, const char *suffix, json_t *value)
{
    json_t *w = json_pack("{s:s, s:o, s:s, s:b}", "type", "text", "id", id_of(p->path, suffix), "address",
                          "auto", "expand", 1);

    json_object_set_new(w, "value", value);
    return w;
}

/* What the host says. */
static json_t *
shown(const struct param *p)
{
    json_t *w = widget("text", p, "_shown", p->path);

    json_object_set_new(w, "interaction", json_false());
    json_object_set_new(w, "decimals", json_integer(2));
    return w;
}

static json_t *
fader(const struct param *p, double low, double high)
{
    json_t *w = widget("fader", p, "", p->path);

    json_object_set_new(w, "range", json_pack("{s:f, s:f}", "min", low, "max", high));
    json_object_set_new(w, "horizontal", json_true());
    json_object_set_new(w, "design", json_string("compact"));
    json_object_set_new(w, "decimals", json_integer(4));
    json_object_set_new(w, "typeTags", json_string("f"));
    json_object_set_new(w, "snap", json_false()); /* a drag is from where it stands */
    json_object_set_new(w, "doubleTap", json_false());
    json_object_set_new(w, "logScale", json_boolean(p->scale == SCALE_LOG));
    return w;
}

static json_t *
meter(const struct param *p)
{
    double low, high;
    json_t *w;

    layout_span(p, &low, &high);
    w = fader(p, low, high);
    json_object_set_new(w, "logScale", json_false());
    json_object_set_new(w, "interaction", json_false());
    json_object_set_new(w, "bypass", json_true());
    return w;
}

static json_t *
step_button(const struct param *p, const char *suffix, const char *sign, double step)
{
    char address[PARAM_PATH_SIZE + 8];
    json_t *w;

    snprintf(address, sizeof address, "%s/step", p->path);
    w = widget("button", p, suffix, address);
    json_object_set_new(w, "mode", json_string("tap"));
    json_object_set_new(w, "on", json_real(step));
    json_object_set_new(w, "typeTags", json_string("f"));
    json_object_set_new(w, "label", json_string(sign));
    return w;
}

static json_t *
press(const struct param *p, const char *mode)
{
    json_t *w = widget("button", p, "", p->path);

    json_object_set_new(w, "mode", json_string(mode));
    json_object_set_new(w, "on", json_integer(1));
    json_object_set_new(w, "off", json_integer(0));
    json_object_set_new(w, "typeTags", json_string("i"));
    json_object_set_new(w, "label", json_string(p->label));
    return w;
}

/* json_string of a printf. */
static json_t *
script(const char *format, const char *word)
{
    char text_of_it[512];

    snprintf(text_of_it, sizeof text_of_it, format, word);
    return json_string(text_of_it);
}

static json_t *
menu(const struct param *p)
{
    json_t *w = widget("dropdown", p, "", "auto"), *values = json_object();
    char name[PARAM_VALUE_SIZE];

    for (int i = 0; i <= (int)p->max; i++) {
        snprintf(name, sizeof name, strspn(p->names[i], "0123456789") == strlen(p->names[i]) ? "%s " : "%s",
                 p->names[i]); /* a label that is a number would lose its place in the order */
        json_object_set_new(values, name, json_integer(i));
    }
    json_object_set_new(w, "values", values);
    json_object_set_new(w, "bypass", json_true());
    json_object_set_new(w, "onValue", script("send('%s', {type: 'i', value: value})", p->path));
    return w;
}

static json_t *
menu_feed(const struct param *p)
{
    json_t *w = widget("variable", p, "_feed", p->path), *id = id_of(p->path, "");

    json_object_set_new(w, "bypass", json_true());
    json_object_set_new(
        w, "onValue",
        script("set('%s', Array.isArray(value) ? value[0] : value, {send: false})", json_string_value(id)));
    json_decref(id);
    return w;
}

static json_t *
words(const struct param *p)
{
    json_t *w = widget("input", p, "", p->path);

    json_object_set_new(w, "typeTags", json_string("s"));
    return w;
}

static void
add_parts(json_t *to, const struct param *p)
{
    double step = layout_step(p);

    switch (layout_kind(p)) {
    case LAYOUT_SWITCH: json_array_append_new(to, press(p, "toggle")); return;
    case LAYOUT_PUSH: json_array_append_new(to, press(p, "tap")); return;
    case LAYOUT_CHOICE:
        json_array_append_new(to, menu(p));
        json_array_append_new(to, menu_feed(p));
        return;
    case LAYOUT_STEPS:
        json_array_append_new(to, step_button(p, "_less", "-", -step));
        json_array_append_new(to, shown(p));
        json_array_append_new(to, step_button(p, "_more", "+", step));
        return;
    case LAYOUT_FADER:
        json_array_append_new(to, fader(p, p->min, p->max));
        json_array_append_new(to, shown(p));
        return;
    case LAYOUT_METER:
        json_array_append_new(to, meter(p));
        json_array_append_new(to, shown(p));
        return;
    case LAYOUT_WORDS: json_array_append_new(to, words(p)); return;
    case LAYOUT_SHOWN: json_array_append_new(to, shown(p)); return;
    }
}

static json_t *
panel(json_t *id, const char *flow, json_t *widgets)
{
    json_t *w = json_pack("{s:s, s:o, s:s, s:b, s:i, s:b}", "type", "panel", "id", id, "layout", flow,
                          "expand", 1, "innerPadding", 0, "scroll", 0);

    json_object_set_new(w, "widgets", widgets);
    return w;
}

/* The name above, unless a button bears it. */
static json_t *
row(const struct param *p)
{
    enum layout_kind kind = layout_kind(p);
    json_t *parts = json_array(), *both = json_array();

    add_parts(parts, p);
    if (kind != LAYOUT_SWITCH && kind != LAYOUT_PUSH)
        json_array_append_new(both, text(p, "_name", label(p)));
    json_array_append_new(both, panel(id_of(p->path, "_parts"), "horizontal", parts));
    return panel(id_of(p->path, "_row"), "vertical", both);
}

static json_t *
column(const struct layout_page *page, int index)
{
    const struct layout_column *c = &page->column[index];
    json_t *rows = json_array();
    char id[PARAM_PATH_SIZE], title[PARAM_PATH_SIZE + 8];

    snprintf(id, sizeof id, "column_%s_%d", page->title, index + 1);
    snprintf(title, sizeof title, "%s_title", id);
    json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:s, s:i}", "type", "text", "id", title, "address",
                                          "auto", "value", c->title, "height", 24));
    for (int i = 0; i < c->nrows; i++)
        json_array_append_new(rows, row(c->row[i]));
    return panel(json_string(id), "vertical", rows);
}

static json_t *
tab(const struct layout_page *page)
{
    json_t *columns = json_array(), *w;
    char id[PARAM_PATH_SIZE];

    for (int i = 0; i < page->ncolumns; i++)
        json_array_append_new(columns, column(page, i));
    snprintf(id, sizeof id, "page_%s", page->title);
    w = json_pack("{s:s, s:s, s:s, s:s}", "type", "tab", "id", id, "label", page->title, "layout",
                  "horizontal");
    json_object_set_new(w, "widgets", columns);
    return w;
}

/* /subscribe "/" 3600: the second argument is the value that the button sends. */
static json_t *
connect_tab(void)
{
    json_t *button = json_pack("{s:s, s:s, s:s, s:[s], s:f, s:s, s:s, s:s, s:b}", "type", "button", "id",
                               "connect", "address", "/subscribe", "preArgs", "/", "on", LEASE_S, "mode",
                               "tap", "label", "Connect for an hour", "default", "", "expand", 1);

    return json_pack("{s:s, s:s, s:s, s:s, s:[o]}", "type", "tab", "id", "page_Connect", "label", "Connect",
                     "layout", "horizontal", "widgets", button);
}

unsigned char *
layout_stagecontrol(const struct layout *l, size_t *size)
{
    json_t *tabs = json_array(), *session;
    char *out;

    json_array_append_new(tabs, connect_tab());
    for (int i = 0; i < l->npages; i++)
        json_array_append_new(tabs, tab(&l->page[i]));
    session = json_pack("{s:s, s:s, s:s, s:{s:s, s:s, s:o}}", "createdWith", "Open Stage Control", "version",
                        "1.26.0", "type", "session", "content", "type", "root", "id", "root", "tabs", tabs);
    out = session ? json_dumps(session, JSON_INDENT(1) | JSON_REAL_PRECISION(10)) : NULL;
    json_decref(session);
    *size = out ? strlen(out) : 0;
    return (unsigned char *)out;
}

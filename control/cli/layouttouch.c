/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A document of TouchOSC: XML in zlib.
 *
 * Faders speak PATH/norm, as a scale other than linear would need a script otherwise. What a row stands at in words is
 * written by the one script there is, at the root, which also subscribes: its labels are called "=PATH" and bear the
 * unit as their tag.
 *
 * sources  tosclib (github.com/AlbertoV5/tosclib) for the elements, version 3; hexler.net/touchosc/manual for scripts
 */
#include "control/cli/layout.h"

#include "dsp/dsp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { WIDTH = 1366, HEIGHT = 1024, BAR = 48, GAP = 3, TITLE = 22 };

static const char script[] =
    "local last = -1000000\n"
    "local function subscribe(prefix)\n"
    "  sendOSC({'/subscribe', {{tag = 's', value = prefix}, {tag = 'f', value = 10},\n"
    "    {tag = 'f', value = 20}, {tag = 'i', value = %d}}})\n"
    "end\n"
    "function update()\n"
    "  local now = getMillis()\n"
    "  if now - last < 4000 then return end\n"
    "  last = now\n"
    "  subscribe('/')\n"
    "  subscribe('/norm')\n"
    "end\n"
    "local labels = {}\n"
    "function onReceiveOSC(message, connections)\n"
    "  local path, arguments = message[1], message[2]\n"
    "  if labels[path] == nil then\n"
    "    labels[path] = self:findByName('=' .. path, true) or false\n"
    "  end\n"
    "  local label, argument = labels[path], arguments[#arguments]\n"
    "  if not label or not argument then return end\n"
    "  local text = tostring(argument.value)\n"
    "  if argument.tag == 'f' then text = string.format('%%.2f', argument.value) end\n"
    "  label.values.text = text .. ' ' .. label.tag\n"
    "end\n";

struct frame {
    int x, y, w, h;
};

struct document {
    FILE *f;
    int ids; /* given */
};

/* --- elements ----------------------------------------------------------------------------------- */

static void
put_escaped(FILE *f, const char *text)
{
    for (; *text; text++)
        if (*text == '&')
            fputs("&amp;", f);
        else if (*text == '<')
            fputs("&lt;", f);
        else if (*text == '>')
            fputs("&gt;", f);
        else
            fputc(*text, f);
}

static void
property(struct document *d, char type, const char *key, const char *value)
{
    fprintf(d->f, "<property type='%c'><key>%s</key><value>", type, key);
    put_escaped(d->f, value);
    fputs("</value></property>", d->f);
}

static void
whole(struct document *d, char type, const char *key, int value)
{
    char word[16];

    snprintf(word, sizeof word, "%d", value);
    property(d, type, key, word);
}

static void
color(struct document *d, const char *key, double r, double g, double b)
{
    fprintf(d->f,
            "<property type='c'><key>%s</key><value><r>%g</r><g>%g</g><b>%g</b><a>1</a></value></property>",
            key, r, g, b);
}

/* Up to the properties, which stay open. The same rows give the same ids: a UUID of version 4's form, counted. */
static void
open_node(struct document *d, const char *type, const char *name, struct frame at)
{
    fprintf(d->f, "<node ID='dead0a0e-0000-4000-8000-%012x' type='%s'><properties>", ++d->ids, type);
    property(d, 's', "name", name);
    fprintf(
        d->f,
        "<property type='r'><key>frame</key><value><x>%d</x><y>%d</y><w>%d</w><h>%d</h></value></property>",
        at.x, at.y, at.w, at.h);
}

static void
value(struct document *d, const char *key, const char *def)
{
    fprintf(d->f,
            "<value><key>%s</key><locked>0</locked><lockedDefaultCurrent>0</lockedDefaultCurrent><default>",
            key);
    put_escaped(d->f, def);
    fputs("</default><defaultPull>0</defaultPull></value>", d->f);
}

/* Ends the properties; the control's own value may be NULL. */
static void
values(struct document *d, const char *key, const char *def)
{
    fputs("</properties><values>", d->f);
    if (key)
        value(d, key, def);
    value(d, "touch", "false");
    fputs("</values>", d->f);
}

static void
partial(struct document *d, const char *type, const char *conversion, const char *word, double low,
        double high)
{
    fprintf(d->f, "<partial><type>%s</type><conversion>%s</conversion><value>%s</value>", type, conversion,
            word);
    fprintf(d->f, "<scaleMin>%g</scaleMin><scaleMax>%g</scaleMax></partial>", low, high);
}

static void
open_message(struct document *d, const char *path, bool send, bool receive, const char *condition)
{
    fprintf(
        d->f,
        "<messages><osc><enabled>1</enabled><send>%d</send><receive>%d</receive><feedback>0</feedback>"
        "<connections>00001</connections><triggers><trigger><var>x</var><condition>%s</condition></trigger>"
        "</triggers><path>",
        send, receive, condition);
    partial(d, "CONSTANT", "STRING", path, 0, 1);
    fputs("</path><arguments>", d->f);
}

static void
close_message(struct document *d)
{
    fputs("</arguments></osc></messages>", d->f);
}

static void
close_node(struct document *d)
{
    fputs("</node>\n", d->f);
}

/* --- controls ----------------------------------------------------------------------------------- */

static void
label(struct document *d, const char *name, const char *tag, const char *text, struct frame at)
{
    open_node(d, "LABEL", name, at);
    property(d, 's', "tag", tag);
    whole(d, 'i', "textSize", at.h < 18 ? 9 : 12);
    whole(d, 'i', "textAlignH", 2);
    whole(d, 'b', "background", 0);
    whole(d, 'b', "outline", 0);
    color(d, "textColor", 0.9, 0.9, 0.85);
    values(d, "text", text);
    close_node(d);
}

static void
told(struct document *d, const struct param *p, struct frame at)
{
    char name[PARAM_PATH_SIZE + 2];

    snprintf(name, sizeof name, "=%s", p->path);
    label(d, name, param_unit_name(p->unit), "", at);
}

/* What is sent is a constant, on the press alone. */
static void
tap(struct document *d, const char *path, const char *conversion, double sent, const char *sign,
    struct frame at)
{
    char word[32];

    snprintf(word, sizeof word, "%g", sent);
    open_node(d, "BUTTON", path, at);
    whole(d, 'i', "buttonType", 0);
    color(d, "color", 0.75, 0.55, 0.2);
    values(d, "x", "0");
    open_message(d, path, true, false, "RISE");
    partial(d, "CONSTANT", conversion, word, 0, 1);
    close_message(d);
    close_node(d);
    open_node(d, "LABEL", "", at);
    whole(d, 'b', "interactive", 0);
    whole(d, 'b', "background", 0);
    whole(d, 'b', "outline", 0);
    whole(d, 'i', "textSize", at.h < 18 ? 9 : 12);
    color(d, "textColor", 0.9, 0.9, 0.85);
    values(d, "text", sign);
    close_node(d);
}

static void
toggle(struct document *d, const struct param *p, struct frame at)
{
    open_node(d, "BUTTON", p->path, at);
    whole(d, 'i', "buttonType", 2);
    color(d, "color", 0.3, 0.7, 0.4);
    values(d, "x", "0");
    open_message(d, p->path, true, true, "ANY");
    partial(d, "VALUE", "INTEGER", "x", 0, 1);
    close_message(d);
    close_node(d);
}

static void
fader(struct document *d, const char *path, bool meter, double low, double high, struct frame at)
{
    open_node(d, "FADER", path, at);
    whole(d, 'i', "orientation", 1);
    whole(d, 'b', "interactive", !meter);
    whole(d, 'b', "cursor", !meter);
    whole(d, 'i', "response", 1); /* relative: a tap moves nothing */
    whole(d, 'i', "responseFactor", 100);
    color(d, "color", meter ? 0.3 : 0.75, meter ? 0.7 : 0.55, meter ? 0.4 : 0.2);
    values(d, "x", "0");
    open_message(d, path, !meter, true, "ANY");
    partial(d, "VALUE", "FLOAT", "x", low, high);
    close_message(d);
    close_node(d);
}

/* --- a row, a column, a page -------------------------------------------------------------------- */

static struct frame
part(struct frame at, double from, double to)
{
    return (struct frame){at.x + (int)(at.w * from), at.y, (int)(at.w * (to - from)) - GAP, at.h};
}

static void
steps(struct document *d, const struct param *p, struct frame at)
{
    char path[PARAM_PATH_SIZE + 8];
    double step = p->type == PARAM_ENUM ? 1.0 : layout_step(p);

    snprintf(path, sizeof path, "%s/step", p->path);
    tap(d, path, "FLOAT", -step, "-", part(at, 0, 0.28));
    told(d, p, part(at, 0.28, 0.72));
    tap(d, path, "FLOAT", step, "+", part(at, 0.72, 1));
}

static void
control(struct document *d, const struct param *p, struct frame at)
{
    char norm[PARAM_PATH_SIZE + 8];
    double low, high;

    switch (layout_kind(p)) {
    case LAYOUT_SWITCH: toggle(d, p, part(at, 0, 1)); return;
    case LAYOUT_PUSH: tap(d, p->path, "INTEGER", 1, "", part(at, 0, 1)); return;
    case LAYOUT_CHOICE:
    case LAYOUT_STEPS: steps(d, p, at); return;
    case LAYOUT_FADER:
        snprintf(norm, sizeof norm, "%s/norm", p->path);
        fader(d, norm, false, 0, 1, part(at, 0, 0.6));
        told(d, p, part(at, 0.6, 1));
        return;
    case LAYOUT_METER:
        layout_span(p, &low, &high);
        fader(d, p->path, true, low, high, part(at, 0, 0.6));
        told(d, p, part(at, 0.6, 1));
        return;
    case LAYOUT_WORDS: /* it has no keyboard: shown */
    case LAYOUT_SHOWN: told(d, p, part(at, 0, 1)); return;
    }
}

static void
row(struct document *d, const struct param *p, struct frame at)
{
    int name = at.h * 2 / 5;

    label(d, "", "", p->label, (struct frame){at.x, at.y, at.w - GAP, name});
    control(d, p, (struct frame){at.x, at.y + name, at.w, at.h - name - GAP});
}

static void
column(struct document *d, const struct layout_column *c, struct frame at)
{
    int height = (at.h - TITLE) / LAYOUT_ROWS;

    label(d, "", "", c->title, (struct frame){at.x, at.y, at.w, TITLE});
    for (int i = 0; i < c->nrows; i++)
        row(d, c->row[i], (struct frame){at.x, at.y + TITLE + i * height, at.w, height});
}

static void
page(struct document *d, const struct layout_page *page)
{
    struct frame at = {0, 0, WIDTH, HEIGHT - BAR};
    int width = at.w / (page->ncolumns < 6 ? 6 : page->ncolumns);

    open_node(d, "GROUP", page->title, (struct frame){0, BAR, at.w, at.h});
    property(d, 's', "tabLabel", page->title);
    values(d, NULL, NULL);
    fputs("<children>\n", d->f);
    for (int i = 0; i < page->ncolumns; i++)
        column(d, &page->column[i], (struct frame){i * width + GAP, 0, width - GAP, at.h});
    fputs("</children>", d->f);
    close_node(d);
}

static void
document(struct document *d, const struct layout *l, int port)
{
    char source[sizeof script + 16];

    snprintf(source, sizeof source, script, port);
    fputs("<?xml version='1.0' encoding='UTF-8'?>\n<lexml version='3'>\n", d->f);
    open_node(d, "GROUP", "deadwax", (struct frame){0, 0, WIDTH, HEIGHT});
    property(d, 's', "script", source);
    values(d, NULL, NULL);
    fputs("<children>", d->f);
    open_node(d, "PAGER", "pages", (struct frame){0, 0, WIDTH, HEIGHT});
    whole(d, 'b', "tabbar", 1);
    whole(d, 'i', "tabbarSize", BAR);
    whole(d, 'b', "tabLabels", 1);
    values(d, "page", "0");
    fputs("<children>\n", d->f);
    for (int i = 0; i < l->npages; i++)
        page(d, &l->page[i]);
    fputs("</children>", d->f);
    close_node(d);
    fputs("</children>", d->f);
    close_node(d);
    fputs("</lexml>\n", d->f);
}

unsigned char *
layout_touchosc(const struct layout *l, int port, size_t *size)
{
    char *text = NULL;
    size_t length = 0;
    struct document d = {.f = open_memstream(&text, &length)};
    unsigned char *packed = NULL;
    uLongf room;
    bool good;

    if (!d.f)
        return NULL;
    document(&d, l, port);
    good = !ferror(d.f);
    good &= fclose(d.f) == 0;
    room = compressBound(length);
    packed = good ? malloc(room) : NULL;
    good = packed && compress(packed, &room, (const Bytef *)text, length) == Z_OK;
    free(text);
    if (!good) {
        free(packed);
        return NULL;
    }
    *size = room;
    return packed;
}

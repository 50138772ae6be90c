/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/sheet.h"

#include "engine/faults.h"

#include <yaml.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_MAX = 65536 };

struct sheet {
    const char *path;
    struct sheet_kind kind;
    unsigned char *text; /* ours */
    size_t size;
    yaml_document_t document;
    bool grown;
    int lines;
    bool no_mem;
    struct faults *faults; /* whose sheet it is, or NULL */
    int complaints;
};

static int
line_of(const yaml_node_t *node)
{
    return (int)node->start_mark.line + 1;
}

static const char *
word_of(const yaml_node_t *node)
{
    return node && node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : "";
}

/* The value (or the key itself) of a mapping's key; NULL. */
static yaml_node_t *
find_key(struct sheet *s, const yaml_node_t *map, const char *key, bool value)
{
    if (!map || map->type != YAML_MAPPING_NODE)
        return NULL;
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++) {
        yaml_node_t *node = yaml_document_get_node(&s->document, p->key);

        if (!strcmp(word_of(node), key))
            return value ? yaml_document_get_node(&s->document, p->value) : node;
    }
    return NULL;
}

static yaml_node_t *
find_item(struct sheet *s, const yaml_node_t *list, unsigned index)
{
    if (!list || list->type != YAML_SEQUENCE_NODE ||
        (size_t)(list->data.sequence.items.top - list->data.sequence.items.start) <= index)
        return NULL;
    return yaml_document_get_node(&s->document, list->data.sequence.items.start[index]);
}

/* As YAML breaks lines: also at CR, NEL, LS and PS. */
static int
count_lines(const struct sheet *s)
{
    int n = 1;

    for (size_t i = 0; i < s->size; i++) {
        const unsigned char *c = s->text + i;
        size_t left = s->size - i;

        n += *c == '\n' || (*c == '\r' && (left < 2 || c[1] != '\n')) ||
             (left >= 2 && c[0] == 0xC2 && c[1] == 0x85) ||
             (left >= 3 && c[0] == 0xE2 && c[1] == 0x80 && (c[2] == 0xA8 || c[2] == 0xA9));
    }
    return n;
}

static enum status
read_text(struct sheet *s, struct err *e)
{
    struct stat st;
    FILE *f = fopen(s->path, "re");

    if (!f) {
        err_set(e, "%.400s: can't be opened (%s): give the path of a %s", s->path, strerror(errno),
                s->kind.name);
        return NOT_FOUND;
    }
    if (fstat(fileno(f), &st) || !S_ISREG(st.st_mode) || st.st_size > FILE_MAX) {
        fclose(f);
        err_set(e, "%.400s: is no %s: give a YAML file of at most %d KiB", s->path, s->kind.name,
                FILE_MAX / 1024);
        return BAD_ARG;
    }
    s->text = malloc(FILE_MAX);
    s->size = s->text ? fread(s->text, 1, FILE_MAX, f) : 0;
    fclose(f);
    if (s->text)
        return OK;
    err_set(e, "%.400s: no memory to read it", s->path);
    return NO_MEM;
}

static bool
no_memory(struct sheet *s, struct err *e)
{
    s->no_mem = true;
    return sheet_complain(s, 1, e, "no memory to read it");
}

static bool
no_tree(struct sheet *s, const yaml_parser_t *parser, struct err *e)
{
    const char *problem = parser->problem ? parser->problem : "it is not YAML";
    const char *mend = strchr(problem, '\t') || strstr(problem, "tab") ? "indent with spaces"
                       : parser->error == YAML_READER_ERROR            ? "save it as UTF-8 text"
                                                            : "check colons, quotes, brackets and indent";
    int line = (int)parser->problem_mark.line + 1;

    if (parser->error == YAML_MEMORY_ERROR ||
        parser->error == YAML_NO_ERROR) /* the loader forgets to say it */
        return no_memory(s, e);
    if (parser->error == YAML_READER_ERROR) /* this one has an offset instead of a mark */
        for (size_t i = 0; i < parser->problem_offset && i < s->size; i++)
            line += s->text[i] == '\n';
    return sheet_complain(s, line, e, "%s%s%s: %s", problem, parser->context ? " " : "",
                          parser->context ? parser->context : "", mend);
}

/* An alias makes a tree that shares branches, or bites its own tail: ten lines can stand for a million. And what is
   deep takes stack. So the events are looked through before a tree is made of them. */
static bool
survey(struct sheet *s, struct err *e)
{
    yaml_parser_t parser;
    yaml_event_t event;
    bool good = true, end = false;
    int deep = 0;

    if (!yaml_parser_initialize(&parser))
        return no_memory(s, e);
    yaml_parser_set_input_string(&parser, s->text, s->size);
    while (good && !end) {
        int line;

        if (!yaml_parser_parse(&parser, &event)) {
            good = no_tree(s, &parser, e);
            break;
        }
        line = (int)event.start_mark.line + 1;
        deep += event.type == YAML_SEQUENCE_START_EVENT || event.type == YAML_MAPPING_START_EVENT;
        deep -= event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT;
        if (event.type == YAML_ALIAS_EVENT)
            good = sheet_complain(s, line, e, "an alias (*%.60s): write out what it stands for",
                                  (const char *)event.data.alias.anchor);
        else if (deep > SHEET_DEEP)
            good = sheet_complain(s, line, e,
                                  "lists and mappings are %d deep here: see %s for how it is written", deep,
                                  s->kind.example);
        end = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return good;
}

/* One document with a mapping in it. */
static bool
grow(struct sheet *s, struct err *e)
{
    yaml_parser_t parser;
    yaml_document_t second;
    const yaml_node_t *root;
    bool good = true;

    if (!yaml_parser_initialize(&parser))
        return no_memory(s, e);
    yaml_parser_set_input_string(&parser, s->text, s->size);
    if (!yaml_parser_load(&parser, &s->document)) {
        good = no_tree(s, &parser, e);
        yaml_parser_delete(&parser);
        return good;
    }
    s->grown = true;
    root = yaml_document_get_root_node(&s->document);
    if (!root)
        good = sheet_complain(s, 1, e, "the file is empty: start from %s", s->kind.example);
    else if (root->type != YAML_MAPPING_NODE)
        good = sheet_complain(s, line_of(root), e, "not a %s: write KEY: VALUE lines as in %s", s->kind.name,
                              s->kind.example);
    else if (!yaml_parser_load(&parser, &second))
        good = no_tree(s, &parser, e);
    else {
        if ((root = yaml_document_get_root_node(&second)))
            good = sheet_complain(s, line_of(root), e,
                                  "a second document: a file is one %s, take the `---` out", s->kind.name);
        yaml_document_delete(&second);
    }
    yaml_parser_delete(&parser);
    return good;
}

static enum status
take_text(struct sheet *s, const void *text, size_t size, struct err *e)
{
    if (size > FILE_MAX) {
        err_set(e, "%.400s: is no %s: give at most %d KiB", s->path, s->kind.name, FILE_MAX / 1024);
        return BAD_ARG;
    }
    s->text = malloc(size + 1);
    if (!s->text) {
        err_set(e, "%.400s: no memory to read it", s->path);
        return NO_MEM;
    }
    memcpy(s->text, text, size);
    s->size = size;
    return OK;
}

enum status
sheet_open(struct sheet **sheet, const char *path, struct sheet_kind kind, struct err *e)
{
    return sheet_open_text(sheet, path, NULL, 0, kind, NULL, e);
}

enum status
sheet_open_text(struct sheet **sheet, const char *path, const void *text, size_t size, struct sheet_kind kind,
                struct faults *faults, struct err *e)
{
    struct sheet *s = calloc(1, sizeof *s);
    enum status status;

    *sheet = NULL;
    if (!s) {
        err_set(e, "%.400s: no memory to read it", path);
        return NO_MEM;
    }
    s->path = path;
    s->kind = kind;
    s->faults = faults;
    status = text ? take_text(s, text, size, e) : read_text(s, e);
    s->lines = count_lines(s);
    if (status == OK && !(survey(s, e) && grow(s, e)))
        status = s->no_mem ? NO_MEM : BAD_ARG;
    if (status == OK)
        *sheet = s;
    else
        sheet_close(s);
    return status;
}

void
sheet_close(struct sheet *s)
{
    if (!s)
        return;
    if (s->grown)
        yaml_document_delete(&s->document);
    free(s->text);
    free(s);
}

const unsigned char *
sheet_text(const struct sheet *s, size_t *size)
{
    *size = s->size;
    return s->text;
}

/* A value may hold anything, the message is one line. */
static void
one_line(char *text, size_t size, const char *format, va_list ap)
{
    vsnprintf(text, size, format, ap);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < 32 || *c == 127)
            *c = '?';
}

bool
sheet_complain(struct sheet *s, int line, struct err *e, const char *format, ...)
{
    char text[sizeof e->text];
    struct err what;
    va_list ap;

    va_start(ap, format);
    one_line(text, sizeof text, format, ap);
    va_end(ap);
    if (line > s->lines) /* what is missing at the end is missed by libyaml on a line more */
        line = s->lines;
    err_set(&what, "%.400s:%d: %.600s", s->path, line, text);
    s->complaints++;
    if (s->faults)
        faults_add(s->faults, line, &what);
    if (e)
        *e = what;
    return false;
}

bool
sheet_complain_too(const struct sheet *s, int line, struct err *e, const char *format, ...)
{
    char text[sizeof e->text];
    size_t used = e ? strlen(e->text) : 0;
    va_list ap;

    (void)s;
    if (!e)
        return false;
    va_start(ap, format);
    one_line(text, sizeof text, format, ap);
    va_end(ap);
    snprintf(e->text + used, sizeof e->text - used, "; line %d: %s", line, text);
    return false;
}

int
sheet_line_of_key(struct sheet *s, const char *key)
{
    const yaml_node_t *node = find_key(s, yaml_document_get_root_node(&s->document), key, false);

    return node ? line_of(node) : 1;
}

int
sheet_line_of_item(struct sheet *s, const char *key, unsigned index, const char *field)
{
    const yaml_node_t *list = find_key(s, yaml_document_get_root_node(&s->document), key, true);
    const yaml_node_t *item = find_item(s, list, index);
    const yaml_node_t *node = item && field ? find_key(s, item, field, false) : item;

    return node ? line_of(node) : sheet_line_of_key(s, key);
}

/* --- "controls[3].in.number" --- */

/* One step further from `node`, which becomes 0 where there is nothing; *line is that of what was found. */
static const char *
step_into(struct sheet *s, const yaml_node_t **node, const char *where, int *line)
{
    char key[64];
    size_t n = strcspn(where, ".[");
    const yaml_node_t *at;

    if (*where == '[') {
        char *end;

        *node = find_item(s, *node, (unsigned)strtoul(where + 1, &end, 10));
        *line = *node ? line_of(*node) : *line;
        return end + strcspn(end, ".[");
    }
    snprintf(key, sizeof key, "%.*s", (int)n, where);
    if ((at = find_key(s, *node, key, false)))
        *line = line_of(at);
    *node = find_key(s, *node, key, true);
    return where + n;
}

/* The line of as much of it as there is. */
static bool
go_to(struct sheet *s, const char *format, va_list ap, int *line)
{
    char text[256];
    const char *where = text;
    const yaml_node_t *node = yaml_document_get_root_node(&s->document);

    *line = 1;
    vsnprintf(text, sizeof text, format, ap);
    while (node && *where) {
        where = step_into(s, &node, where, line);
        where += *where == '.';
    }
    return node != NULL;
}

int
sheet_line_of(struct sheet *s, const char *where, ...)
{
    va_list ap;
    int line;

    va_start(ap, where);
    go_to(s, where, ap, &line);
    va_end(ap);
    return line;
}

bool
sheet_has(struct sheet *s, const char *where, ...)
{
    va_list ap;
    bool there;
    int line;

    va_start(ap, where);
    there = go_to(s, where, ap, &line);
    va_end(ap);
    return there;
}

int
sheet_complaints(const struct sheet *s)
{
    return s->complaints;
}

/* --- the file's own mapping --- */

static const yaml_node_pair_t *
pair_at(struct sheet *s, int i)
{
    return &yaml_document_get_root_node(&s->document)->data.mapping.pairs.start[i];
}

int
sheet_keys(struct sheet *s)
{
    const yaml_node_t *root = yaml_document_get_root_node(&s->document);

    return (int)(root->data.mapping.pairs.top - root->data.mapping.pairs.start);
}

const char *
sheet_key(struct sheet *s, int i, int *line)
{
    const yaml_node_t *key = yaml_document_get_node(&s->document, pair_at(s, i)->key);

    *line = line_of(key);
    return word_of(key);
}

const char *
sheet_value(struct sheet *s, int i)
{
    const yaml_node_t *value = yaml_document_get_node(&s->document, pair_at(s, i)->value);

    return value->type == YAML_SCALAR_NODE ? word_of(value) : NULL;
}

int
sheet_items(struct sheet *s, int i)
{
    const yaml_node_t *list = yaml_document_get_node(&s->document, pair_at(s, i)->value);

    if (list->type != YAML_SEQUENCE_NODE)
        return -1;
    return (int)(list->data.sequence.items.top - list->data.sequence.items.start);
}

const char *
sheet_item(struct sheet *s, int i, int item, int *line)
{
    const yaml_node_t *list = yaml_document_get_node(&s->document, pair_at(s, i)->value);
    const yaml_node_t *value = find_item(s, list, (unsigned)item);

    *line = line_of(value);
    return value->type == YAML_SCALAR_NODE ? word_of(value) : NULL;
}

/* --- the tree --- */

static const yaml_node_t *
node_at(struct sheet *s, int node)
{
    return yaml_document_get_node(&s->document, node);
}

enum sheet_shape
sheet_shape(struct sheet *s, int node)
{
    yaml_node_type_t type = node_at(s, node)->type;

    return type == YAML_SEQUENCE_NODE ? SHEET_LIST : type == YAML_MAPPING_NODE ? SHEET_MAPPING : SHEET_WORD;
}

int
sheet_line(struct sheet *s, int node)
{
    return line_of(node_at(s, node));
}

const char *
sheet_word(struct sheet *s, int node, size_t *length)
{
    const yaml_node_t *n = node_at(s, node);

    *length = n->type == YAML_SCALAR_NODE ? n->data.scalar.length : 0;
    return n->type == YAML_SCALAR_NODE ? (const char *)n->data.scalar.value : NULL;
}

int
sheet_size(struct sheet *s, int node)
{
    const yaml_node_t *n = node_at(s, node);

    if (n->type == YAML_SEQUENCE_NODE)
        return (int)(n->data.sequence.items.top - n->data.sequence.items.start);
    if (n->type == YAML_MAPPING_NODE)
        return (int)(n->data.mapping.pairs.top - n->data.mapping.pairs.start);
    return 0;
}

int
sheet_node(struct sheet *s, int node, int i)
{
    const yaml_node_t *n = node_at(s, node);

    return n->type == YAML_SEQUENCE_NODE ? n->data.sequence.items.start[i]
                                         : n->data.mapping.pairs.start[i].value;
}

int
sheet_node_key(struct sheet *s, int node, int i)
{
    return node_at(s, node)->data.mapping.pairs.start[i].key;
}

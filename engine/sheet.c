/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/sheet.h"

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
no_tree(const struct sheet *s, const yaml_parser_t *parser, struct err *e)
{
    const char *problem = parser->problem ? parser->problem : "it is not YAML";
    const char *mend = strchr(problem, '\t') || strstr(problem, "tab") ? "indent with spaces"
                       : parser->error == YAML_READER_ERROR            ? "save it as UTF-8 text"
                                                            : "check colons, quotes, brackets and indent";
    int line = (int)parser->problem_mark.line + 1;

    if (parser->error == YAML_READER_ERROR) /* this one has an offset instead of a mark */
        for (size_t i = 0; i < parser->problem_offset && i < s->size; i++)
            line += s->text[i] == '\n';
    return sheet_complain(s, line, e, "%s%s%s: %s", problem, parser->context ? " " : "",
                          parser->context ? parser->context : "", mend);
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
        return sheet_complain(s, 1, e, "no memory to read it");
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

enum status
sheet_open(struct sheet **sheet, const char *path, struct sheet_kind kind, struct err *e)
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
    status = read_text(s, e);
    if (status == OK && !grow(s, e))
        status = BAD_ARG;
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
sheet_complain(const struct sheet *s, int line, struct err *e, const char *format, ...)
{
    char text[sizeof e->text];
    va_list ap;

    va_start(ap, format);
    one_line(text, sizeof text, format, ap);
    va_end(ap);
    return err_set(e, "%.400s:%d: %.600s", s->path, line, text);
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

int
sheet_line_of_any_key(struct sheet *s, const char *key, int from, int which, bool *top)
{
    int best = 0;

    for (int n = 1; yaml_document_get_node(&s->document, n); n++) {
        const yaml_node_t *map = yaml_document_get_node(&s->document, n);
        int seen = 0;

        if (map->type != YAML_MAPPING_NODE)
            continue;
        for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++) {
            const yaml_node_t *node = yaml_document_get_node(&s->document, p->key);

            if (strcmp(word_of(node), key) || line_of(node) < from || seen++ != which)
                continue;
            if (!best || line_of(node) < best) {
                best = line_of(node);
                *top = n == 1;
            }
        }
    }
    return best;
}

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

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file is read three times over: libyaml makes a sheet that knows each line, the sheet is compared with the table,
 * and then libcyaml fills the struct. libcyaml would compare, too, but it stops at the first mistake, calls it by the
 * line of the token before, takes "48k" for 48 and each word but a few for yes. What is right for us is right for it.
 */
#include "engine/schema.h"

#include "engine/word.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_MAX = 64, WHOLE_MAX = 1000000000 /* libcyaml takes no int beyond 2^30 */ };

/* --- words --- */

static void
complain_of(struct sheet *s, int node, const char *name, const char *what)
{
    size_t length;

    sheet_complain(s, sheet_line(s, node), NULL, "%s: '%.60s' %s", name, sheet_word(s, node, &length), what);
}

static void
check_whole(struct sheet *s, int node, const char *name, bool below_0)
{
    size_t length;
    const char *word = sheet_word(s, node, &length), *digits = word + (*word == '-' || *word == '+');
    char *end;
    long long value;

    errno = 0;
    value = strtoll(word, &end, 0);
    if (end == word || *end || word[strspn(word, "+-0123456789abcdefABCDEFxX")])
        complain_of(s, node, name, "is no whole number: give one, as 64 or 0x40");
    else if (digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9')
        complain_of(s, node, name, "would be read in base eight: take the 0 before it out");
    else if (errno || value > WHOLE_MAX || value < (below_0 ? -WHOLE_MAX : 0))
        complain_of(s, node, name,
                    below_0 ? "is out of range: use -1000000000 to 1000000000"
                            : "is out of range: use 0 to 1000000000");
}

static void
check_real(struct sheet *s, int node, const char *name)
{
    size_t length;
    const char *word = sheet_word(s, node, &length);
    char *end;
    double value = strtod(word, &end);

    if (end == word || *end || !isfinite(value) || word[strspn(word, "+-.0123456789eE")])
        complain_of(s, node, name, "is no number: write it as 0.5");
    else if (value != 0 && (fabs(value) < 1e-30 || fabs(value) > 1e30))
        complain_of(s, node, name, "is out of range: use -1e30 to 1e30, and nothing that near to 0");
}

static void
check_yes_no(struct sheet *s, int node, const char *name)
{
    static const char *const words[] = {"yes", "no", "true", "false"};
    size_t length;
    const char *word = sheet_word(s, node, &length);

    for (size_t i = 0; i < LEN(words); i++)
        if (!strcmp(word, words[i]))
            return;
    complain_of(s, node, name, "is neither: write yes or no");
}

static void
check_choice(struct sheet *s, const cyaml_schema_value_t *schema, int node, const char *name)
{
    const char *words[KEYS_MAX], *word;
    char all[512] = "";
    size_t length, count = 0;

    word = sheet_word(s, node, &length);
    for (; count < schema->enumeration.count && count < LEN(words); count++) {
        size_t used = strlen(all);

        words[count] = schema->enumeration.strings[count].str;
        if (!strcmp(word, words[count]))
            return;
        snprintf(all + used, sizeof all - used, "%s%s", count ? ", " : "", words[count]);
    }
    sheet_complain(s, sheet_line(s, node), NULL, "%s: unknown '%.60s': did you mean '%s'? There are %s", name,
                   word, word_nearest(word, words, count), all);
}

/* A terminal would obey it: U+0000 to U+001F but for tab and newline, U+007F to U+009F. */
static bool
has_control(const char *word)
{
    for (const unsigned char *c = (const unsigned char *)word; *c; c++)
        if ((*c < 0x20 && *c != '\n' && *c != '\t') || *c == 0x7F ||
            (*c == 0xC2 && c[1] >= 0x80 && c[1] <= 0x9F))
            return true;
    return false;
}

static void
check_text(struct sheet *s, const cyaml_schema_value_t *schema, int node, const char *name)
{
    size_t length;

    if (has_control(sheet_word(s, node, &length)))
        sheet_complain(s, sheet_line(s, node), NULL, "%s: has a control character in it: take it out", name);
    if (length < schema->string.min)
        sheet_complain(s, sheet_line(s, node), NULL, "%s: is short: give at least %u letters", name,
                       schema->string.min);
    else if (length > schema->string.max)
        sheet_complain(s, sheet_line(s, node), NULL, "%s: has %zu letters: use at most %u", name, length,
                       schema->string.max);
}

/* --- shapes --- */

static void check_value(struct sheet *s, const cyaml_schema_value_t *schema, int node, const char *name);

/* Which of the fields the word may have been meant for. */
static int
nearest_field(const char *word, const cyaml_schema_field_t *fields)
{
    const char *keys[KEYS_MAX], *near;
    int n = 0, i = 0;

    for (; fields[n].key && n < KEYS_MAX; n++)
        keys[n] = fields[n].key;
    near = word_nearest(word, keys, (size_t)n);
    while (i < n && keys[i] != near)
        i++;
    return i;
}

/* Where a missing key would be missed: at its mapping; of the file's own at the end, for its start is a remark. */
static int
line_of_missing(struct sheet *s, int node)
{
    int last = sheet_size(s, node) - 1;

    return sheet_line(s, node == SHEET_ROOT && last >= 0 ? sheet_node_key(s, node, last) : node);
}

/* Which of the fields a key is; -1: none, and it has been told. One that was surely meant is not missing. */
static int
field_of(struct sheet *s, const cyaml_schema_field_t *fields, int key, bool *meant)
{
    size_t length;
    const char *word = sheet_word(s, key, &length);
    int near;

    if (!word || strlen(word) != length) {
        sheet_complain(s, sheet_line(s, key), NULL, "a key is no word: write KEY: VALUE");
        return -1;
    }
    for (int i = 0; fields[i].key; i++)
        if (!strcmp(fields[i].key, word))
            return i;
    near = nearest_field(word, fields);
    if (2 * word_distance(word, fields[near].key, WORD_FAR) <= (int)strlen(fields[near].key))
        meant[near] = true;
    sheet_complain(s, sheet_line(s, key), NULL, "unknown key '%.60s': did you mean '%s'?", word,
                   fields[near].key);
    return -1;
}

static void
check_mapping(struct sheet *s, const cyaml_schema_field_t *fields, int node)
{
    bool seen[KEYS_MAX] = {false}, meant[KEYS_MAX] = {false};

    for (int i = 0; i < sheet_size(s, node); i++) {
        int key = sheet_node_key(s, node, i), field = field_of(s, fields, key, meant);

        if (field < 0)
            continue;
        if (seen[field])
            sheet_complain(s, sheet_line(s, key), NULL, "%s is there twice: keep one", fields[field].key);
        seen[field] = true;
        check_value(s, &fields[field].value, sheet_node(s, node, i), fields[field].key);
    }
    for (int i = 0; fields[i].key; i++)
        if (!seen[i] && !meant[i] && !(fields[i].value.flags & CYAML_FLAG_OPTIONAL))
            sheet_complain(s, line_of_missing(s, node), NULL, "%s is missing: add it", fields[i].key);
}

static void
check_list(struct sheet *s, const cyaml_schema_value_t *schema, int node, const char *name)
{
    int count = sheet_size(s, node);

    if (count < (int)schema->sequence.min)
        sheet_complain(s, sheet_line(s, node), NULL, "%s: has %d: give at least %u", name, count,
                       schema->sequence.min);
    if (count > (int)schema->sequence.max)
        sheet_complain(s, sheet_line(s, sheet_node(s, node, (int)schema->sequence.max)), NULL,
                       "%s: has %d: make the list shorter, %u at most", name, count, schema->sequence.max);
    for (int i = 0; i < count && i < (int)schema->sequence.max; i++)
        check_value(s, schema->sequence.entry, sheet_node(s, node, i), name);
}

static bool
check_shape(struct sheet *s, enum sheet_shape wanted, int node, const char *name)
{
    static const char *const shapes[] = {"a word", "a list", "a mapping"};
    static const char *const mends[] = {"write one word, or a text in quotes", "write a list, [one, two]",
                                        "write {key: value, ...}"};
    size_t length;
    const char *word = sheet_word(s, node, &length);

    if (sheet_shape(s, node) != wanted)
        return sheet_complain(s, sheet_line(s, node), NULL, "%s: has %s%s%.60s%s: %s", name,
                              word && !*word ? "nothing" : shapes[sheet_shape(s, node)],
                              word && *word ? " '" : "", word ? word : "", word && *word ? "'" : "",
                              mends[wanted]);
    if (word && strlen(word) != length)
        return sheet_complain(s, sheet_line(s, node), NULL, "%s: has a zero byte in it: take it out", name);
    return true;
}

static void
check_value(struct sheet *s, const cyaml_schema_value_t *schema, int node, const char *name)
{
    enum sheet_shape shape = schema->type == CYAML_MAPPING    ? SHEET_MAPPING
                             : schema->type == CYAML_SEQUENCE ? SHEET_LIST
                                                              : SHEET_WORD;

    size_t length;
    const char *word;

    if (!check_shape(s, shape, node, name))
        return;
    word = sheet_word(s, node, &length);
    if (word && !length && !(schema->type == CYAML_STRING && !schema->string.min)) {
        sheet_complain(s, sheet_line(s, node), NULL,
                       "%s: is empty: fill it in, or leave the line out where it may be", name);
        return;
    }
    switch (schema->type) {
    case CYAML_INT:
    case CYAML_UINT: check_whole(s, node, name, schema->type == CYAML_INT); break;
    case CYAML_FLOAT: check_real(s, node, name); break;
    case CYAML_BOOL: check_yes_no(s, node, name); break;
    case CYAML_ENUM: check_choice(s, schema, node, name); break;
    case CYAML_STRING: check_text(s, schema, node, name); break;
    case CYAML_MAPPING: check_mapping(s, schema->mapping.fields, node); break;
    case CYAML_SEQUENCE: check_list(s, schema, node, name); break;
    default: sheet_complain(s, sheet_line(s, node), NULL, "%s: can't be read: leave it out", name);
    }
}

/* --- libcyaml --- */

struct said {
    char text[1024]; /* its lines, as they came */
};

static void
hear(cyaml_log_t level, void *context, const char *format, va_list ap)
{
    struct said *said = context;
    size_t used = strlen(said->text);

    if (level >= CYAML_LOG_ERROR)
        vsnprintf(said->text + used, sizeof said->text - used, format, ap);
}

static const cyaml_config_t *
cyaml_config(cyaml_config_t *c, struct said *said)
{
    *c = (cyaml_config_t){.log_fn = hear,
                          .log_ctx = said,
                          .log_level = CYAML_LOG_ERROR,
                          .mem_fn = cyaml_mem,
                          .flags = CYAML_CFG_NO_ALIAS};
    return c;
}

static enum status
fill(struct sheet *s, const struct schema *schema, void **data)
{
    struct said said = {""};
    size_t size;
    const unsigned char *text = sheet_text(s, &size);
    cyaml_config_t config;
    cyaml_err_t result = cyaml_load_data(text, size, cyaml_config(&config, &said), schema->value, data, NULL);

    if (result == CYAML_OK && *data)
        return OK;
    *data = NULL;
    /* What the sheet has parsed, libyaml can't but for memory. */
    if (result == CYAML_ERR_OOM || result == CYAML_ERR_LIBYAML_PARSER ||
        result == CYAML_ERR_LIBYAML_PARSER_INIT) {
        sheet_complain(s, 1, NULL, "no memory to read it");
        return NO_MEM;
    }
    said.text[strcspn(said.text, "\n")] = 0;
    sheet_complain(s, 1, NULL, "libcyaml: %s: see %s for how it is written",
                   said.text[0] ? said.text : cyaml_strerror(result), schema->kind.example);
    return BAD_ARG;
}

/* --- all of it --- */

static enum status
read_sheet(struct sheet *s, const struct schema *schema, void **data)
{
    enum status status;

    check_value(s, schema->value, SHEET_ROOT, schema->kind.name);
    if (sheet_complaints(s))
        return BAD_ARG;
    status = fill(s, schema, data);
    if (status == OK && schema->complete)
        schema->complete(s, *data);
    if (status == OK)
        schema->check(s, *data, schema->context);
    return sheet_complaints(s) && status == OK ? BAD_ARG : status;
}

enum status
schema_load(const struct schema *schema, const char *path, const void *text, size_t size, void **data,
            struct faults *faults, struct err *e)
{
    struct faults own = {NULL, 0, 0}, *all = faults ? faults : &own;
    struct sheet *s;
    enum status status = sheet_open_text(&s, path, text, size, schema->kind, all, e);

    *data = NULL;
    if (status == OK) {
        status = read_sheet(s, schema, data);
        faults_sort(all);
        if (status != OK && e && all->count)
            *e = all->fault[0].what;
        else if (status != OK)
            err_set(e, "%.400s:1: no memory to say what is wrong", path);
    }
    if (status != OK) {
        schema_free(schema->value, *data);
        *data = NULL;
    }
    sheet_close(s);
    faults_free(&own);
    return status;
}

void
schema_free(const cyaml_schema_value_t *schema, void *data)
{
    struct said said = {""};
    cyaml_config_t config;

    if (data)
        cyaml_free(cyaml_config(&config, &said), schema, data, 0);
}

void
schema_check_usb(struct sheet *s, char *const *usb, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const char *id = usb[i];
        bool good = strlen(id) == 9 && id[4] == ':';

        for (int k = 0; good && k < 9; k++)
            good = k == 4 || (isxdigit((unsigned char)id[k]) && !isupper((unsigned char)id[k]));
        if (!good)
            sheet_complain(s, sheet_line_of_item(s, "usb", i, NULL), NULL,
                           "usb: '%s' is no USB id: write vendor:product as lsusb does, \"1235:8215\"", id);
    }
}

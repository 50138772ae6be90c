/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file is read three times over: libyaml makes a sheet that knows each line, libcyaml checks the schema and
 * fills the struct, and then the values are checked for sense. libcyaml's own messages carry the line of the token
 * before the one that is wrong, so the sheet says where things are.
 */
#include "engine/schema.h"

#include "engine/word.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *
nearest_key(const char *word, const cyaml_schema_field_t *fields)
{
    const char *keys[64];
    size_t n = 0;

    for (; fields->key && n < LEN(keys); fields++)
        keys[n++] = fields->key;
    return word_nearest(word, keys, n);
}

/* The nearest key of any mapping in a list. */
static const char *
nearest_inside(const char *word, const cyaml_schema_field_t *fields)
{
    const char *best = "";
    int least = WORD_FAR;

    for (; fields->key; fields++) {
        const cyaml_schema_value_t *entry =
            fields->value.type == CYAML_SEQUENCE ? fields->value.sequence.entry : NULL;
        const char *near =
            entry && entry->type == CYAML_MAPPING ? nearest_key(word, entry->mapping.fields) : NULL;

        if (near && word_distance(word, near, WORD_FAR) < least) {
            least = word_distance(word, near, WORD_FAR);
            best = near;
        }
    }
    return best;
}

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
    *c = (cyaml_config_t){.log_fn = hear, .log_ctx = said, .log_level = CYAML_LOG_ERROR, .mem_fn = cyaml_mem};
    return c;
}

static bool
complain_of_key(struct sheet *s, const cyaml_schema_value_t *schema, const char *key, int from, struct err *e)
{
    const cyaml_schema_field_t *fields = schema->mapping.fields;
    bool top = true;
    int line = sheet_line_of_any_key(s, key, from, 0, &top);
    const char *near = top ? nearest_key(key, fields) : nearest_inside(key, fields);

    return sheet_complain(s, line ? line : from, e, "unknown key '%s': did you mean '%s'?", key, near);
}

/* What libcyaml says about a value, and what to do about it. */
static const char *
mend_of(const char *message)
{
    static const struct {
        const char *says, *mend;
    } mends[] = {
        {"Invalid INT", "give a whole number"},
        {"Expecting SEQUENCE", "write a list, [one, two]"},
        {"Expecting STRING", "write one word, or a text in quotes"},
        {"Expecting INT", "give one whole number"},
        {"Expecting MAPPING", "write {key: value, ...}"},
        {"STRING length < ", "fill it in, or leave the line out where it may be"},
        {"STRING length > ", "make it shorter"},
        {"Excessive entries", "make the list shorter"},
    };

    for (size_t i = 0; i < LEN(mends); i++)
        if (!strncmp(message, mends[i].says, strlen(mends[i].says)))
            return mends[i].mend;
    return "see generic.yaml for how it is written";
}

/* The first line is the message, the next ones where: "  in mapping field 'rate_hz' (line: 2, column: 10)". */
static bool
translate(struct sheet *s, const cyaml_schema_value_t *schema, struct said *said, struct err *e)
{
    char *message = said->text, *rest = strchr(message, '\n'), *at, field[64] = "";
    int line = 1;
    bool top = true;
    static const char unexpected[] = "Unexpected key: ", missing[] = "Missing required mapping field: ",
                      twice[] = "Mapping field already seen: ";

    if (rest)
        *rest++ = 0;
    if (!strncmp(message, "Load: ", 6))
        message += 6;
    if (rest && (at = strstr(rest, "(line: ")))
        line = atoi(at + 7);
    if (rest && (at = strstr(rest, "in mapping field '")))
        sscanf(at, "in mapping field '%63[^']", field);
    if (!strncmp(message, unexpected, sizeof unexpected - 1))
        return complain_of_key(s, schema, message + sizeof unexpected - 1, line, e);
    if (!strncmp(message, missing, sizeof missing - 1))
        return sheet_complain(s, line, e, "%s is missing: add it", message + sizeof missing - 1);
    if (!strncmp(message, twice, sizeof twice - 1)) {
        int second = sheet_line_of_any_key(s, message + sizeof twice - 1, 1, 1, &top);

        return sheet_complain(s, second ? second : line, e, "%s is there twice: keep one",
                              message + sizeof twice - 1);
    }
    return sheet_complain(s, line, e, "%s%s%s: %s", field, field[0] ? ": " : "", message, mend_of(message));
}

enum status
schema_fill(struct sheet *s, const cyaml_schema_value_t *schema, void **data, struct err *e)
{
    struct said said = {""};
    size_t size;
    const unsigned char *text = sheet_text(s, &size);
    cyaml_config_t config;
    cyaml_err_t result = cyaml_load_data(text, size, cyaml_config(&config, &said), schema, data, NULL);

    if (result == CYAML_OK && *data)
        return OK;
    *data = NULL;
    if (result == CYAML_ERR_OOM) {
        sheet_complain(s, 1, e, "no memory to read it");
        return NO_MEM;
    }
    if (!said.text[0])
        snprintf(said.text, sizeof said.text, "%s", cyaml_strerror(result));
    translate(s, schema, &said, e);
    return BAD_ARG;
}

void
schema_free(const cyaml_schema_value_t *schema, void *data)
{
    struct said said = {""};
    cyaml_config_t config;

    cyaml_free(cyaml_config(&config, &said), schema, data, 0);
}

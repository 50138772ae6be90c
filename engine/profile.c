/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file is read three times over: libyaml makes a tree that knows each node's line, libcyaml checks the schema and
 * fills the struct, and then the values are checked for sense. libcyaml's own messages carry the line of the token
 * before the one that is wrong, so the tree says where things are.
 */
#include "engine/profile.h"

#include <cyaml/cyaml.h>
#include <yaml.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 65536, CHANNELS_MAX = 256, PATH_SIZE = 1024 };

/* --- schema ----------------------------------------------------------------------------------------- */

static const cyaml_schema_value_t word_schema = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 128)};

static const cyaml_schema_field_t channel_fields[] = {
    CYAML_FIELD_INT("index", CYAML_FLAG_DEFAULT, struct interface_channel, index),
    CYAML_FIELD_STRING_PTR("label", CYAML_FLAG_POINTER, struct interface_channel, label, 1, 128),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t role_fields[] = {
    CYAML_FIELD_STRING_PTR("role", CYAML_FLAG_POINTER, struct interface_role, role, 1, 64),
    CYAML_FIELD_INT("left", CYAML_FLAG_DEFAULT, struct interface_role, left),
    CYAML_FIELD_INT("right", CYAML_FLAG_DEFAULT, struct interface_role, right),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t channel_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct interface_channel, channel_fields)};
static const cyaml_schema_value_t role_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct interface_role, role_fields)};

#define LIST    (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define PROFILE struct interface_profile

static const cyaml_schema_field_t profile_fields[] = {
    CYAML_FIELD_STRING_PTR("label", CYAML_FLAG_POINTER, PROFILE, label, 1, 128),
    CYAML_FIELD_SEQUENCE("usb", LIST, PROFILE, usb, &word_schema, 0, 32),
    CYAML_FIELD_SEQUENCE("match", LIST, PROFILE, match, &word_schema, 0, 32),
    CYAML_FIELD_STRING_PTR("backend", CYAML_FLAG_POINTER, PROFILE, backend, 1, 32),
    CYAML_FIELD_INT("rate_hz", CYAML_FLAG_DEFAULT, PROFILE, rate_hz),
    CYAML_FIELD_INT("period", CYAML_FLAG_DEFAULT, PROFILE, period),
    CYAML_FIELD_INT("nperiods", CYAML_FLAG_DEFAULT, PROFILE, nperiods),
    CYAML_FIELD_INT("playback_channels", CYAML_FLAG_OPTIONAL, PROFILE, playback_channels),
    CYAML_FIELD_INT("capture_channels", CYAML_FLAG_OPTIONAL, PROFILE, capture_channels),
    CYAML_FIELD_SEQUENCE("playback", LIST, PROFILE, playback, &channel_schema, 0, CHANNELS_MAX),
    CYAML_FIELD_SEQUENCE("capture", LIST, PROFILE, capture, &channel_schema, 0, CHANNELS_MAX),
    CYAML_FIELD_SEQUENCE("outputs", LIST, PROFILE, outputs, &role_schema, 0, 64),
    CYAML_FIELD_SEQUENCE("inputs", LIST, PROFILE, inputs, &role_schema, 0, 64),
    CYAML_FIELD_SEQUENCE("jack_args", LIST, PROFILE, jack_args, &word_schema, 0, 32),
    CYAML_FIELD_STRING_PTR("source", CYAML_FLAG_POINTER, PROFILE, source, 1, 1024),
    CYAML_FIELD_STRING_PTR("notes", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, PROFILE, notes, 1, 4096),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t profile_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, PROFILE, profile_fields)};

/* What a pair of channels can be for; "_2" to "_9" may follow. */
static const char *const output_roles[] = {"monitor_a", "monitor_b", "monitor_c", "sub",     "phones",
                                           "line_out",  "spdif_out", "aes_out",   "adat_out"};
static const char *const input_roles[] = {"line_in", "mic",     "instrument", "spdif_in",
                                          "aes_in",  "adat_in", "loopback"};

/* --- nearest word ----------------------------------------------------------------------------------- */

/* Edits from one word to another: Levenshtein, one row of the table. Words longer than 63 are cut. */
static int
word_distance(const char *a, const char *b)
{
    int na = (int)strnlen(a, 63), nb = (int)strnlen(b, 63), row[64];

    for (int j = 0; j <= nb; j++)
        row[j] = j;
    for (int i = 1; i <= na; i++) {
        int diagonal = row[0];

        row[0] = i;
        for (int j = 1; j <= nb; j++) {
            int change = diagonal + (tolower((unsigned char)a[i - 1]) != tolower((unsigned char)b[j - 1]));
            int best = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;

            diagonal = row[j];
            row[j] = change < best ? change : best;
        }
    }
    return row[nb];
}

/* People forget endings more than beginnings: rate is meant for rate_hz, not for label. */
static const char *
nearest_word(const char *word, const char *const *words, size_t count)
{
    const char *best = "";
    int least = 1000;

    for (size_t i = 0; i < count; i++) {
        int d = 2 * word_distance(word, words[i]), same = 0;

        while (word[same] && word[same] == words[i][same])
            same++;
        d -= same;

        if (d < least) {
            least = d;
            best = words[i];
        }
    }
    return best;
}

static const char *
nearest_key(const char *word, const cyaml_schema_field_t *fields)
{
    const char *keys[32];
    size_t n = 0;

    for (; fields->key && n < LEN(keys); fields++)
        keys[n++] = fields->key;
    return nearest_word(word, keys, n);
}

/* --- the text and its tree -------------------------------------------------------------------------- */

struct source {
    const char *path;
    unsigned char *text; /* ours */
    size_t size;
    yaml_document_t tree;
    bool has_tree;
};

__attribute__((format(printf, 4, 5))) static bool
complain(const struct source *s, int line, struct err *e, const char *format, ...)
{
    char text[sizeof e->text];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    for (char *c = text; *c; c++) /* a value may hold anything, the message is one line */
        if ((unsigned char)*c < 32 || *c == 127)
            *c = '?';
    return err_set(e, "%.400s:%d: %.600s", s->path, line, text);
}

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
find_key(struct source *s, const yaml_node_t *map, const char *key, bool value)
{
    if (!map || map->type != YAML_MAPPING_NODE)
        return NULL;
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++) {
        yaml_node_t *node = yaml_document_get_node(&s->tree, p->key);

        if (!strcmp(word_of(node), key))
            return value ? yaml_document_get_node(&s->tree, p->value) : node;
    }
    return NULL;
}

static yaml_node_t *
find_item(struct source *s, const yaml_node_t *list, unsigned index)
{
    if (!list || list->type != YAML_SEQUENCE_NODE ||
        (size_t)(list->data.sequence.items.top - list->data.sequence.items.start) <= index)
        return NULL;
    return yaml_document_get_node(&s->tree, list->data.sequence.items.start[index]);
}

static int
line_of_key(struct source *s, const char *key)
{
    const yaml_node_t *node = find_key(s, yaml_document_get_root_node(&s->tree), key, false);

    return node ? line_of(node) : 1;
}

/* Of `field` in the item (NULL: the item itself). */
static int
line_of_item(struct source *s, const char *key, unsigned index, const char *field)
{
    const yaml_node_t *list = find_key(s, yaml_document_get_root_node(&s->tree), key, true);
    const yaml_node_t *item = find_item(s, list, index);
    const yaml_node_t *node = item && field ? find_key(s, item, field, false) : item;

    return node ? line_of(node) : line_of_key(s, key);
}

/* The first key of this name from a line on, in any mapping, and whether that is the file's own; which = 1 takes
   the second one within one mapping. */
static int
line_of_any_key(struct source *s, const char *key, int from, int which, bool *top)
{
    int best = 0;

    for (int n = 1; yaml_document_get_node(&s->tree, n); n++) {
        const yaml_node_t *map = yaml_document_get_node(&s->tree, n);
        int seen = 0;

        if (map->type != YAML_MAPPING_NODE)
            continue;
        for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++) {
            const yaml_node_t *node = yaml_document_get_node(&s->tree, p->key);

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

/* --- reading ---------------------------------------------------------------------------------------- */

static enum status
read_source(struct source *s, struct err *e)
{
    struct stat st;
    FILE *f = fopen(s->path, "re");

    if (!f) {
        err_set(e, "%.400s: can't be opened (%s): give the path of a profile", s->path, strerror(errno));
        return NOT_FOUND;
    }
    if (fstat(fileno(f), &st) || !S_ISREG(st.st_mode) || st.st_size > FILE_MAX) {
        fclose(f);
        err_set(e, "%.400s: is no profile: give a YAML file of at most %d KiB", s->path, FILE_MAX / 1024);
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
no_tree(const struct source *s, const yaml_parser_t *parser, struct err *e)
{
    const char *problem = parser->problem ? parser->problem : "it is not YAML";
    const char *mend = strchr(problem, '\t') || strstr(problem, "tab") ? "indent with spaces"
                       : parser->error == YAML_READER_ERROR            ? "save it as UTF-8 text"
                                                            : "check colons, quotes, brackets and indent";
    int line = (int)parser->problem_mark.line + 1;

    if (parser->error == YAML_READER_ERROR) /* this one has an offset instead of a mark */
        for (size_t i = 0; i < parser->problem_offset && i < s->size; i++)
            line += s->text[i] == '\n';
    return complain(s, line, e, "%s%s%s: %s", problem, parser->context ? " " : "",
                    parser->context ? parser->context : "", mend);
}

/* One document with a mapping in it. */
static bool
grow_tree(struct source *s, struct err *e)
{
    yaml_parser_t parser;
    yaml_document_t second;
    const yaml_node_t *root;
    bool good = true;

    if (!yaml_parser_initialize(&parser))
        return complain(s, 1, e, "no memory to read it");
    yaml_parser_set_input_string(&parser, s->text, s->size);
    if (!yaml_parser_load(&parser, &s->tree)) {
        good = no_tree(s, &parser, e);
        yaml_parser_delete(&parser);
        return good;
    }
    s->has_tree = true;
    root = yaml_document_get_root_node(&s->tree);
    if (!root)
        good = complain(s, 1, e, "the file is empty: start from generic.yaml");
    else if (root->type != YAML_MAPPING_NODE)
        good = complain(s, line_of(root), e, "not a profile: write KEY: VALUE lines as in generic.yaml");
    else if (!yaml_parser_load(&parser, &second))
        good = no_tree(s, &parser, e);
    else {
        if ((root = yaml_document_get_root_node(&second)))
            good =
                complain(s, line_of(root), e, "a second document: a file is one profile, take the `---` out");
        yaml_document_delete(&second);
    }
    yaml_parser_delete(&parser);
    return good;
}

static void
free_source(struct source *s)
{
    if (s->has_tree)
        yaml_document_delete(&s->tree);
    free(s->text);
}

/* --- libcyaml and what it says ----------------------------------------------------------------------- */

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
complain_of_key(struct source *s, const char *key, int from, struct err *e)
{
    bool top = true;
    int line = line_of_any_key(s, key, from, 0, &top);
    const char *near = nearest_key(key, profile_fields);

    if (!top) {
        const char *a = nearest_key(key, channel_fields), *b = nearest_key(key, role_fields);

        near = word_distance(key, a) <= word_distance(key, b) ? a : b;
    }
    return complain(s, line ? line : from, e, "unknown key '%s': did you mean '%s'?", key, near);
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
translate(struct source *s, struct said *said, struct err *e)
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
        return complain_of_key(s, message + sizeof unexpected - 1, line, e);
    if (!strncmp(message, missing, sizeof missing - 1))
        return complain(s, line, e, "%s is missing: add it", message + sizeof missing - 1);
    if (!strncmp(message, twice, sizeof twice - 1)) {
        int second = line_of_any_key(s, message + sizeof twice - 1, 1, 1, &top);

        return complain(s, second ? second : line, e, "%s is there twice: keep one",
                        message + sizeof twice - 1);
    }
    return complain(s, line, e, "%s%s%s: %s", field, field[0] ? ": " : "", message, mend_of(message));
}

static enum status
fill(struct source *s, struct interface_profile **p, struct err *e)
{
    struct said said = {""};
    cyaml_config_t config;
    cyaml_err_t result = cyaml_load_data(s->text, s->size, cyaml_config(&config, &said), &profile_schema,
                                         (cyaml_data_t **)p, NULL);

    if (result == CYAML_OK && *p)
        return OK;
    *p = NULL;
    if (result == CYAML_ERR_OOM) {
        complain(s, 1, e, "no memory to read it");
        return NO_MEM;
    }
    if (!said.text[0])
        snprintf(said.text, sizeof said.text, "%s", cyaml_strerror(result));
    translate(s, &said, e);
    return BAD_ARG;
}

/* --- sense ------------------------------------------------------------------------------------------ */

static bool
check_range(struct source *s, const char *key, int value, int min, int max, struct err *e)
{
    if (value >= min && value <= max)
        return true;
    return complain(s, line_of_key(s, key), e, "%s: %d is out of range: use %d to %d", key, value, min, max);
}

static bool
check_usb(struct source *s, const struct interface_profile *p, struct err *e)
{
    for (unsigned i = 0; i < p->usb_count; i++) {
        const char *id = p->usb[i];
        bool good = strlen(id) == 9 && id[4] == ':';

        for (int k = 0; good && k < 9; k++)
            good = k == 4 || (isxdigit((unsigned char)id[k]) && !isupper((unsigned char)id[k]));
        if (!good)
            return complain(s, line_of_item(s, "usb", i, NULL), e,
                            "usb: '%s' is no USB id: write vendor:product as lsusb does, \"1235:8215\"", id);
    }
    return true;
}

static bool
check_channels(struct source *s, const char *key, const struct interface_channel *c, unsigned count,
               int channels, struct err *e)
{
    for (unsigned i = 0; i < count; i++) {
        int line = line_of_item(s, key, i, "index");

        if (c[i].index < 0 || c[i].index >= (channels ? channels : CHANNELS_MAX))
            return complain(s, line, e, "%s: index %d is out of range: use 0 to %d (%s_channels is %d)", key,
                            c[i].index, (channels ? channels : CHANNELS_MAX) - 1, key, channels);
        for (unsigned k = 0; k < i; k++)
            if (c[k].index == c[i].index)
                return complain(s, line, e, "%s: index %d is there twice: give each channel once", key,
                                c[i].index);
    }
    return true;
}

static bool
role_known(const char *role, const char *const *known, size_t count)
{
    size_t n = strlen(role);

    if (n > 2 && role[n - 2] == '_' && role[n - 1] >= '2' && role[n - 1] <= '9')
        n -= 2;
    for (size_t i = 0; i < count; i++)
        if (strlen(known[i]) == n && !strncmp(role, known[i], n))
            return true;
    return false;
}

static bool
check_roles(struct source *s, const char *key, const struct interface_role *r, unsigned count, int channels,
            const char *const *known, size_t nknown, struct err *e)
{
    const int max = (channels ? channels : CHANNELS_MAX) - 1;

    for (unsigned i = 0; i < count; i++) {
        int line = line_of_item(s, key, i, NULL);

        if (!role_known(r[i].role, known, nknown))
            return complain(s, line, e, "%s: unknown role '%s': did you mean '%s'?", key, r[i].role,
                            nearest_word(r[i].role, known, nknown));
        if (r[i].left < 0 || r[i].left > max || r[i].right < 0 || r[i].right > max)
            return complain(s, line, e, "%s: %s: channels %d, %d are out of range: use 0 to %d", key,
                            r[i].role, r[i].left, r[i].right, max);
        for (unsigned k = 0; k < i; k++)
            if (!strcmp(r[k].role, r[i].role))
                return complain(s, line, e, "%s: %s is there twice: call one %s_2", key, r[i].role,
                                r[i].role);
    }
    return true;
}

/* What the profile says elsewhere must not be said again to jackd. */
static bool
check_jack_args(struct source *s, const struct interface_profile *p, struct err *e)
{
    static const struct {
        const char *brief, *full, *key;
    } ours[] = {
        {"-d", "--device", "match or usb"}, {"-r", "--rate", "rate_hz"},      {"-p", "--period", "period"},
        {"-n", "--nperiods", "nperiods"},   {"-P", "--playback", "the card"}, {"-C", "--capture", "the card"},
        {"-D", "--duplex", "the card"},
    };

    for (unsigned i = 0; i < p->jack_args_count; i++)
        for (size_t k = 0; k < LEN(ours); k++)
            if (!strncmp(p->jack_args[i], ours[k].brief, 2) ||
                !strncmp(p->jack_args[i], ours[k].full, strlen(ours[k].full)))
                return complain(s, line_of_item(s, "jack_args", i, NULL), e,
                                "jack_args: '%s' is not free: it comes from %s", p->jack_args[i],
                                ours[k].key);
    return true;
}

static bool
check_sense(struct source *s, const struct interface_profile *p, struct err *e)
{
    if (strcmp(p->backend, "alsa") && strcmp(p->backend, "dummy"))
        return complain(s, line_of_key(s, "backend"), e, "backend: unknown '%s': use alsa or dummy",
                        p->backend);
    return check_range(s, "rate_hz", p->rate_hz, RATE_MIN_HZ, RATE_MAX_HZ, e) &&
           check_range(s, "period", p->period, 16, 8192, e) &&
           check_range(s, "nperiods", p->nperiods, 2, 8, e) &&
           check_range(s, "playback_channels", p->playback_channels, 0, CHANNELS_MAX, e) &&
           check_range(s, "capture_channels", p->capture_channels, 0, CHANNELS_MAX, e) &&
           check_usb(s, p, e) &&
           check_channels(s, "playback", p->playback, p->playback_count, p->playback_channels, e) &&
           check_channels(s, "capture", p->capture, p->capture_count, p->capture_channels, e) &&
           check_roles(s, "outputs", p->outputs, p->outputs_count, p->playback_channels, output_roles,
                       LEN(output_roles), e) &&
           check_roles(s, "inputs", p->inputs, p->inputs_count, p->capture_channels, input_roles,
                       LEN(input_roles), e) &&
           check_jack_args(s, p, e);
}

/* --- loading ---------------------------------------------------------------------------------------- */

static char *
name_of_file(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = strdup(slash ? slash + 1 : path);
    size_t n = name ? strlen(name) : 0;

    if (n > 5 && !strcmp(name + n - 5, ".yaml"))
        name[n - 5] = 0;
    return name;
}

enum status
profile_load_interface(const char *path, struct interface_profile **p, struct err *e)
{
    struct source s = {.path = path};
    enum status status;

    *p = NULL;
    status = read_source(&s, e);
    if (status == OK && !grow_tree(&s, e))
        status = BAD_ARG;
    if (status == OK)
        status = fill(&s, p, e);
    if (status == OK && !check_sense(&s, *p, e))
        status = BAD_ARG;
    if (status == OK && !((*p)->name = name_of_file(path))) {
        complain(&s, 1, e, "no memory to read it");
        status = NO_MEM;
    }
    if (status != OK) {
        profile_free_interface(*p);
        *p = NULL;
    }
    free_source(&s);
    return status;
}

void
profile_free_interface(struct interface_profile *p)
{
    struct said said = {""};
    cyaml_config_t config;

    if (!p)
        return;
    free(p->name);
    cyaml_free(cyaml_config(&config, &said), &profile_schema, p, 0);
}

/* --- the folder ------------------------------------------------------------------------------------- */

static bool
has_interfaces(const char *dir)
{
    char path[PATH_SIZE];
    struct stat st;

    return snprintf(path, sizeof path, "%s/interfaces", dir) < PATH_SIZE && !stat(path, &st) &&
           S_ISDIR(st.st_mode);
}

/* From the program's own folder upwards: build/deadwax, build/control/deadwax, PREFIX/bin/deadwax. */
static bool
search_above_program(char *dir, size_t size)
{
    static const char *const places[] = {"hw-profiles", "share/deadwax/hw-profiles"};
    char program[PATH_SIZE], *slash;
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);

    program[n > 0 ? n : 0] = 0;
    for (int up = 0; up < 4 && (slash = strrchr(program, '/')); up++) {
        *slash = 0;
        for (size_t i = 0; i < LEN(places); i++)
            if (snprintf(dir, size, "%s/%s", program, places[i]) < (int)size && has_interfaces(dir))
                return true;
    }
    return false;
}

enum status
profile_dir(const char *given, char *dir, size_t size, struct err *e)
{
    const char *wanted = given ? given : getenv("DEADWAX_HW_PROFILES");

    if (wanted && *wanted) {
        if (snprintf(dir, size, "%s", wanted) < (int)size && has_interfaces(dir))
            return OK;
        err_set(e, "%.400s: no hardware profiles there: name a folder that holds interfaces/", wanted);
        return NOT_FOUND;
    }
    if (search_above_program(dir, size))
        return OK;
    err_set(e,
            "no hardware profiles found near the program: set DEADWAX_HW_PROFILES to the hw-profiles folder");
    return NOT_FOUND;
}

static int
is_profile(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);

    return n > 5 && entry->d_name[0] != '.' && !strcmp(entry->d_name + n - 5, ".yaml");
}

/* By bytes, so that it is the same in every locale. */
static int
by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* dir/interfaces, or the default one's. */
static enum status
interfaces_of(const char *dir, char *path, struct err *e)
{
    char found[PATH_SIZE];
    enum status status = OK;

    if (!dir)
        status = profile_dir(NULL, found, sizeof found, e);
    if (status == OK && snprintf(path, PATH_SIZE, "%s/interfaces", dir ? dir : found) >= PATH_SIZE) {
        err_set(e, "%.400s...: too long a path: move the hw-profiles folder", path);
        status = NOT_FOUND;
    }
    return status;
}

enum status
profile_names(const char *dir, char ***names, int *count, struct err *e)
{
    char path[PATH_SIZE];
    struct dirent **entries = NULL;
    int n;

    *names = NULL;
    *count = 0;
    if (interfaces_of(dir, path, e) != OK)
        return NOT_FOUND;
    n = scandir(path, &entries, is_profile, by_name);
    if (n < 0) {
        err_set(e, "%.400s: can't be read (%s): name the hw-profiles folder", path, strerror(errno));
        return NOT_FOUND;
    }
    *names = calloc((size_t)n + 1, sizeof **names);
    for (int i = 0; i < n; i++) {
        if (*names && ((*names)[*count] = name_of_file(entries[i]->d_name)))
            ++*count;
        free(entries[i]);
    }
    free(entries);
    if (*names && *count == n)
        return OK;
    profile_free_names(*names, *count);
    err_set(e, "%.400s: no memory to read it", path);
    return NO_MEM;
}

void
profile_free_names(char **names, int count)
{
    for (int i = 0; names && i < count; i++)
        free(names[i]);
    free(names);
}

static enum status
unknown_name(const char *dir, const char *folder, const char *name, struct err *e)
{
    char **names;
    int count;

    if (profile_names(dir, &names, &count, e) != OK)
        return NOT_FOUND;
    err_set(e, "no interface profile '%.100s' in %.400s: did you mean '%s'?", name, folder,
            nearest_word(name, (const char *const *)names, (size_t)count));
    profile_free_names(names, count);
    return NOT_FOUND;
}

enum status
profile_named_interface(const char *dir, const char *name, struct interface_profile **p, struct err *e)
{
    char folder[PATH_SIZE], path[2 * PATH_SIZE];

    *p = NULL;
    if (interfaces_of(dir, folder, e) != OK)
        return NOT_FOUND;
    if (!*name || strchr(name, '/') || name[0] == '.' ||
        snprintf(path, sizeof path, "%s/%s.yaml", folder, name) >= (int)sizeof path || access(path, F_OK))
        return unknown_name(dir, folder, name, e);
    return profile_load_interface(path, p, e);
}

/* --- choosing --------------------------------------------------------------------------------------- */

enum { SCORE_NONE = 0, SCORE_GENERIC = 1, SCORE_WORDS = 1000, SCORE_USB = 2000 };

/* The word as a whole: "M4" is not in "TEAM400". */
static bool
text_has(const char *text, const char *word)
{
    size_t n = strlen(word);

    for (const char *at = text; *at; at++)
        if (!strncasecmp(at, word, n) && (at == text || !isalnum((unsigned char)at[-1])) &&
            !isalnum((unsigned char)at[n]))
            return true;
    return false;
}

/* Length of the longest word found in the card's names, 0 if none. */
static int
words_score(const struct interface_profile *p, const struct machine_card *c)
{
    size_t best = 0;

    for (unsigned i = 0; i < p->match_count; i++)
        if (strlen(p->match[i]) > best &&
            (text_has(c->name, p->match[i]) || text_has(c->long_name, p->match[i]) ||
             text_has(c->id, p->match[i])))
            best = strlen(p->match[i]);
    return (int)best;
}

static bool
same_maker(const struct interface_profile *p, const struct machine_card *c)
{
    for (unsigned i = 0; i < p->usb_count; i++)
        if (!strncasecmp(p->usb[i], c->usb, 5))
            return true;
    return !p->usb_count || !c->usb[0];
}

/* A box with an id of its own can share it (MOTU M2, M4): the words then decide. A name in the mouth of another
   maker is chance. */
static int
score(const struct interface_profile *p, const struct machine_card *c)
{
    int words = words_score(p, c);

    if (!c->playback || strcmp(p->backend, "alsa"))
        return SCORE_NONE;
    for (unsigned i = 0; c->usb[0] && i < p->usb_count; i++)
        if (!strcasecmp(p->usb[i], c->usb))
            return SCORE_USB + words;
    return words && same_maker(p, c) ? SCORE_WORDS + words : SCORE_NONE;
}

/* Which card to take when none is known: an interface on USB before the one on the board, and what no ear hears
   last. */
static int
generic_score(const struct machine_card *c)
{
    if (!c->playback)
        return SCORE_NONE;
    if (!strcmp(c->driver, "Loopback"))
        return SCORE_GENERIC;
    if (!strcmp(c->driver, "Dummy"))
        return SCORE_GENERIC + 1;
    if (c->hdmi)
        return SCORE_GENERIC + 2;
    return SCORE_GENERIC + (c->usb[0] ? 4 : 3);
}

/* The card that p fits best, the first of equals; NULL and 0 if none. */
static const struct machine_card *
best_card(const struct interface_profile *p, const struct machine_card *cards, int ncards, int *best)
{
    const struct machine_card *card = NULL;
    bool generic = !strcmp(p->name, "generic");

    *best = SCORE_NONE;
    for (int i = 0; i < ncards; i++) {
        int s = generic ? generic_score(&cards[i]) : score(p, &cards[i]);

        if (s > *best) {
            *best = s;
            card = &cards[i];
        }
    }
    return card;
}

struct choice {
    struct interface_profile *p; /* ours */
    const struct machine_card *card;
    int score;
};

/* Takes p over or frees it. */
static void
weigh(struct choice *best, struct interface_profile *p, const struct machine_card *cards, int ncards)
{
    struct choice mine = {.p = p};

    mine.card = best_card(p, cards, ncards, &mine.score);
    if (mine.score <= best->score) {
        profile_free_interface(p);
        return;
    }
    profile_free_interface(best->p);
    *best = mine;
}

enum status
profile_choose_interface(const char *dir, const struct machine_card *cards, int ncards,
                         struct interface_profile **p, const struct machine_card **card, struct err *e)
{
    struct choice best = {NULL, NULL, 0};
    struct err passed = {""}, why;
    char **names;
    int count;
    enum status status = profile_names(dir, &names, &count, e);

    *p = NULL;
    *card = NULL;
    if (status != OK)
        return status;
    for (int i = 0; ncards > 0 && i < count; i++) {
        struct interface_profile *one;

        if (!strcmp(names[i], "dummy"))
            continue;
        if (profile_named_interface(dir, names[i], &one, &why) == OK)
            weigh(&best, one, cards, ncards);
        else
            passed = why;
    }
    profile_free_names(names, count);
    *p = best.p;
    *card = best.card;
    if (!best.p)
        status = profile_named_interface(dir, "dummy", p, e);
    if (status == OK)
        err_set(e, "%s", passed.text);
    return status;
}

const struct machine_card *
profile_card_for(const struct interface_profile *p, const struct machine_card *cards, int ncards)
{
    int how_well;

    return best_card(p, cards, ncards, &how_well);
}

void
profile_monitor_channels(const struct interface_profile *p, int *left, int *right)
{
    *left = 0;
    *right = 1;
    for (unsigned i = 0; i < p->outputs_count; i++)
        if (!strcmp(p->outputs[i].role, "monitor_a")) {
            *left = p->outputs[i].left;
            *right = p->outputs[i].right;
        }
}

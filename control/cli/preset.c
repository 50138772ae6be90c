/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deadwax preset: what there is to load by name, and what is in it. A running host loads and saves them through
 * /chain/preset and /chain/save.
 */
#include "control/cli/cli.h"

#include "dsp/dsp.h"
#include "engine/folder.h"
#include "engine/preset.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "deadwax preset list [--json]     the user's and those that come with the program\n"
    "deadwax preset show NAME         one of them in full\n"
    "\n"
    "Use one:     deadwax run --preset NAME      deadwax render IN -o OUT --preset NAME\n"
    "While a host runs:\n"
    "             deadwax ctl /chain/preset club       the whole chain\n"
    "             deadwax ctl /chain/preset eq/air     one stage\n"
    "             deadwax ctl /chain/save mine         keeps the chain as it is\n"
    "             deadwax ctl /chain/save eq/mine      keeps one stage\n";

static int
list(bool as_json)
{
    struct preset_entry *entry;
    json_t *array = json_array();
    int count;

    if (preset_list(&entry, &count) != OK)
        return cli_fail(1, "out of memory");
    for (int i = 0; i < count; i++)
        if (as_json)
            json_array_append_new(array, json_pack("{s:s, s:s, s:s}", "name", entry[i].name, "text",
                                                   entry[i].text, "file", entry[i].path));
        else
            printf("%-24s %s\n", entry[i].name, entry[i].text);
    if (as_json) {
        json_t *o = json_pack("{s:O}", "presets", array);

        json_dumpf(o, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(o);
    }
    json_decref(array);
    preset_free_list(entry, count);
    return 0;
}

static int
show(const char *name)
{
    char path[FOLDER_PATH], part[4096];
    struct err e;
    FILE *f;
    size_t n;

    if (preset_find(name, path, sizeof path, &e) != OK)
        return cli_fail(1, "%s", e.text);
    f = fopen(path, "re");
    if (!f)
        return cli_fail(1, "%s: can't be read", path);
    while ((n = fread(part, 1, sizeof part, f)) > 0)
        fwrite(part, 1, n, stdout);
    fclose(f);
    return 0;
}

int
preset_main(int argc, char **argv)
{
    bool as_json = argc == 3 && strcmp(argv[2], "--json") == 0;

    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(help, stdout);
        return 0;
    }
    if ((argc == 2 || as_json) && strcmp(argv[1], "list") == 0)
        return list(as_json);
    if (argc == 3 && strcmp(argv[1], "show") == 0)
        return show(argv[2]);
    return cli_fail(2, "preset: see deadwax preset --help");
}

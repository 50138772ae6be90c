/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deadwax check: what is right and what is wrong with files, measured.
 */
#include "control/cli/cli.h"
#include "control/cli/reportjson.h"
#include "engine/check/check.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>

static const char help[] = "deadwax check [OPTION...] FILE...\n"
                           "\n"
                           "  --json    one object on standard output\n";

enum { OPT_JSON = 256 };

static const struct option options[] = {
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static void
print_figures(const struct report *r)
{
    for (int i = 0; i < report_figures(r); i++) {
        const struct figure_value *v = report_figure(r, i);

        if (v->text)
            printf("%-28s %s\n", v->figure->label, v->text);
        for (int c = 0; c < v->count; c++)
            printf("%-28s %.*f %s\n", v->figure->label, v->figure->decimals, v->number[c],
                   param_unit_name(v->figure->unit));
    }
    for (int i = 0; i < report_findings(r); i++) {
        const struct finding *f = report_finding(r, i);

        printf("%-8s %s: %s\n", severity_name(f->severity), f->kind, f->what);
    }
}

int
check_main(int argc, char **argv)
{
    struct check_options o = {0};
    bool as_json = false;
    json_t *reports = json_array();
    int option, status = 0;

    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1)
        switch (option) {
        case OPT_JSON: as_json = true; break;
        case 'h': fputs(help, stdout); return 0;
        default: return 2;
        }
    if (optind == argc)
        return cli_fail(2, "check: name a file: deadwax check --help");
    for (int i = optind; i < argc; i++) {
        struct report *r;
        struct err e;

        if (check_file(&r, argv[i], &o, &e) != OK) {
            status = cli_fail(1, "%s", e.text);
            continue;
        }
        if (report_worst(r) == SEVERITY_FAIL)
            status = 1;
        if (as_json)
            json_array_append_new(reports, report_to_json(r));
        else
            print_figures(r);
        report_close(r);
    }
    if (as_json) {
        json_t *all = json_pack("{s:O}", "files", reports);

        json_dumpf(all, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(all);
    }
    json_decref(reports);
    return status;
}

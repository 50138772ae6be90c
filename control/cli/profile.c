/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deadwax profile: the hardware profiles that are known, one of them in full, a file checked, a control learnt.
 */
#include "control/cli/cli.h"
#include "control/cli/learn.h"
#include "control/cli/surfacemap.h"

#include "control/midi/pages.h"
#include "engine/faults.h"
#include "engine/folder.h"
#include "engine/profile.h"
#include "engine/word.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

/* --- list ------------------------------------------------------------------------------------------- */

/* A broken file is told about and does not hide the others. */
static int
list_interface(const char *dir, const char *name)
{
    struct interface_profile *p;
    struct err e;

    if (profile_named_interface(dir, name, &p, &e) != OK)
        return cli_fail(1, "%s", e.text);
    printf("  %-28s %s%s%s\n", p->name, p->label, p->usb_count ? ", USB " : "",
           p->usb_count ? p->usb[0] : "");
    interface_free(p);
    return 0;
}

static int
list_surface(const char *dir, const char *name)
{
    struct surface_profile *p;
    char path[FOLDER_PATH];
    struct err e;
    bool own = false;

    if (profile_surface_path(dir, name, path, sizeof path, &own, &e) != OK ||
        profile_load_surface(path, &p, &e) != OK)
        return cli_fail(1, "%s", e.text);
    printf("  %-28s %s%s%s%s\n", p->name, p->label, p->usb_count ? ", USB " : "",
           p->usb_count ? p->usb[0] : "", own ? ", your own" : "");
    surface_free(p);
    return 0;
}

static int
list_kind(const char *dir, const char *heading,
          enum status (*names_of)(const char *, char ***, int *, struct err *),
          int (*one)(const char *, const char *))
{
    char **names;
    struct err e;
    int count, failed = 0;

    if (names_of(dir, &names, &count, &e) != OK)
        return cli_fail(1, "%s", e.text);
    printf("%s\n", heading);
    for (int i = 0; i < count; i++)
        failed |= one(dir, names[i]);
    profile_free_names(names, count);
    return failed;
}

static int
list(const char *dir)
{
    int failed = list_kind(dir, "interfaces", profile_names, list_interface);

    return failed | list_kind(dir, "surfaces", profile_surface_names, list_surface);
}

/* --- show ------------------------------------------------------------------------------------------- */

static void
show_words(const char *title, char *const *words, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        printf("%-10s %s\n", i ? "" : title, words[i]);
}

static void
show_channels(const char *title, int channels, const struct interface_channel *c, unsigned count)
{
    if (channels)
        printf("%-10s %d channels\n", title, channels);
    else
        printf("%-10s channels as the card says\n", title);
    for (unsigned i = 0; i < count; i++) /* JACK counts from 1 */
        printf("%-10s %3d  system:%s_%d  %s\n", "", c[i].index, title, c[i].index + 1, c[i].label);
}

static void
show_roles(const char *title, const struct interface_role *r, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        printf("%-10s %s: %d, %d\n", i ? "" : title, r[i].role, r[i].left, r[i].right);
}

static void
show_profile(const struct interface_profile *p)
{
    int left, right;

    profile_monitor_channels(p, &left, &right);
    printf("%-10s %s\n%-10s %s\n", "name", p->name, "label", p->label);
    show_words("usb", p->usb, p->usb_count);
    show_words("match", p->match, p->match_count);
    printf("%-10s %s, %d Hz, %d x %d\n", "backend", p->backend, p->rate_hz, p->period, p->nperiods);
    show_words("jack_args", p->jack_args, p->jack_args_count);
    show_words("remotes", p->remotes, p->remotes_count);
    printf("%-10s system:playback_%d, system:playback_%d\n", "master to", left + 1, right + 1);
    show_channels("playback", p->playback_channels, p->playback, p->playback_count);
    show_channels("capture", p->capture_channels, p->capture, p->capture_count);
    show_roles("outputs", p->outputs, p->outputs_count);
    show_roles("inputs", p->inputs, p->inputs_count);
    printf("%-10s %s\n", "source", p->source);
    if (p->notes)
        printf("%-10s %s\n", "notes", p->notes);
}

static bool
has_name(char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (!strcmp(names[i], name))
            return true;
    return false;
}

/* What is a name of neither kind is told about with what it may have been meant for, of both. */
static int
unknown(const char *name, char *const *a, int na, char *const *b, int nb)
{
    const char *both[] = {word_nearest(name, (const char *const *)a, (size_t)na),
                          word_nearest(name, (const char *const *)b, (size_t)nb)};

    return cli_fail(1, "no profile '%.100s': did you mean '%s'? See deadwax profile list", name,
                    word_nearest(name, both, both[1][0] ? 2 : 1));
}

static int
show_interface(const char *dir, const char *name)
{
    struct interface_profile *p;
    struct err e;

    if (profile_named_interface(dir, name, &p, &e) != OK)
        return cli_fail(1, "%s", e.text);
    show_profile(p);
    interface_free(p);
    return 0;
}

static int
show_surface(const char *dir, const char *name)
{
    struct surface_profile *p;
    struct err e;

    if (profile_named_surface(dir, name, &p, &e) != OK)
        return cli_fail(1, "%s", e.text);
    surfacemap_print(stdout, p);
    surface_free(p);
    return 0;
}

static int
show(const char *dir, const char *name)
{
    char **interfaces = NULL, **surfaces = NULL;
    int ni = 0, ns = 0, result;
    struct err e;

    if (profile_names(dir, &interfaces, &ni, &e) != OK ||
        profile_surface_names(dir, &surfaces, &ns, &e) != OK)
        result = cli_fail(1, "%s", e.text);
    else if (has_name(interfaces, ni, name))
        result = show_interface(dir, name);
    else if (has_name(surfaces, ns, name))
        result = show_surface(dir, name);
    else
        result = unknown(name, interfaces, ni, surfaces, ns);
    profile_free_names(interfaces, ni);
    profile_free_names(surfaces, ns);
    return result;
}

/* --- check ------------------------------------------------------------------------------------------ */

static int
tell_faults(struct faults *f, const struct err *e)
{
    for (int i = 0; i < f->count; i++)
        cli_fail(1, "%s", f->fault[i].what.text);
    if (f->more)
        cli_fail(1, "and %d more: mend these first", f->more);
    if (!f->count)
        cli_fail(1, "%s", e->text);
    faults_free(f);
    return 1;
}

static int
check_surface(const char *path)
{
    struct faults faults = {NULL, 0, 0};
    struct surface_profile *p;
    struct err e;

    if (surface_load_words(path, pages_check, &p, &faults, &e) != OK)
        return tell_faults(&faults, &e);
    printf("%s: ok: %s\n", path, p->label);
    surface_free(p);
    return 0;
}

static int
check_interface(const char *path)
{
    struct faults faults = {NULL, 0, 0};
    struct interface_profile *p;
    struct err e;

    if (interface_load(path, &p, &faults, &e) != OK)
        return tell_faults(&faults, &e);
    printf("%s: ok: %s\n", path, p->label);
    interface_free(p);
    return 0;
}

static int
check(const char *path)
{
    return profile_is_surface(path) ? check_surface(path) : check_interface(path);
}

static int
usage(FILE *to, int result)
{
    fputs(
        "usage: deadwax profile list\n"
        "       deadwax profile show NAME        an interface's channels; which knob of a surface is what\n"
        "       deadwax profile check FILE...    all that is wrong with it, with lines\n"
        "       deadwax profile learn [PATH]     touch a control of a surface, move what it is for: --help\n"
        "  --profiles DIR  hw-profiles folder (else DEADWAX_HW_PROFILES, else the one beside the program)\n",
        to);
    return result;
}

int
profile_main(int argc, char **argv)
{
    static const struct option options[] = {
        {"profiles", required_argument, NULL, 'p'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    const char *given = NULL, *verb;
    char dir[1024];
    struct err e;
    int o, nwords, result = 0;

    if (argc > 1 && !strcmp(argv[1], "learn"))
        return learn_main(argc - 1, argv + 1);
    optind = 0; /* main has read its own options before */
    while ((o = getopt_long(argc, argv, "h", options, NULL)) != -1)
        if (o == 'p')
            given = optarg;
        else
            return usage(o == 'h' ? stdout : stderr, o == 'h' ? 0 : 2);
    nwords = argc - optind;
    verb = nwords > 0 ? argv[optind] : "";
    if (!strcmp(verb, "check") && nwords > 1) {
        for (int i = optind + 1; i < argc; i++)
            result |= check(argv[i]);
        return result;
    }
    if (!(!strcmp(verb, "list") && nwords == 1) && !(!strcmp(verb, "show") && nwords == 2))
        return usage(stderr, 2);
    if (profile_dir(given, dir, sizeof dir, &e) != OK)
        return cli_fail(1, "%s", e.text);
    return !strcmp(verb, "list") ? list(dir) : show(dir, argv[optind + 1]);
}

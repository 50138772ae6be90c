/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/cli/cli.h"

#include "dsp/dsp.h"
#include "engine/params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *usage, *text;
    int (*main)(int argc, char **argv);
} verbs[] = {
    {"run", "[FILE...]", "the host: plays FILEs or takes live input through the chain", run_main},
    {"render", "IN... -o OUT", "the same chain offline, or a logged take made again", render_main},
    {"check", "FILE...", "quality control: what a master is signed off with", check_main},
    {"ctl", "PATH [VALUE]", "reads, sets and watches a running host", ctl_main},
    {"calibrate", "insert N", "measures what hangs on a running host's ports", calibrate_main},
    {"params", "[PREFIX]", "every parameter there is", params_main},
    {"preset", "list|show NAME", "settings by name, for the chain or a stage", preset_main},
    {"profile", "list|show|check|learn", "what we know of interfaces and control surfaces", profile_main},
    {"doctor", "", "what stands between this machine and low latency", doctor_main},
    {"layout", "FORMAT -o FILE", "a tablet layout for TouchOSC or Open Stage Control", layout_main},
    {"completion", "bash|zsh|fish", "completes verbs, options and every path in a shell", completion_main},
    {"bench", "[--json]", "what each stage costs", bench_main},
    {"midi-bridge", NULL, NULL, bridge_main}, /* started by us, not by people */
};

static void
usage(FILE *out)
{
    fprintf(out, "deadwax: a live mastering host for JACK\n\n");
    for (size_t i = 0; i < LEN(verbs) && verbs[i].usage; i++)
        fprintf(out, "  deadwax %-10s %-22s %s\n", verbs[i].name, verbs[i].usage, verbs[i].text);
    fprintf(out, "\n  deadwax VERB --help says more.\n");
}

int
main(int argc, char **argv)
{
    static char run[] = "run", headless[] = "--headless";
    char *in_session[] = {run, headless, NULL};

    params_init();
    if (argc < 2 && getenv("NSM_URL")) /* a session manager starts programs by their name alone */
        return run_main(2, in_session);
    if (argc < 2) {
        usage(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        usage(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("deadwax %s\n", DEADWAX_VERSION);
        return 0;
    }
    for (size_t i = 0; i < LEN(verbs); i++)
        if (strcmp(argv[1], verbs[i].name) == 0)
            return verbs[i].main(argc - 1, argv + 1);
    return cli_fail(2, "no verb \"%s\": deadwax --help names them", argv[1]);
}

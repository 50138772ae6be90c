/* SPDX-License-Identifier: GPL-3.0-or-later */
/* specimen song|clean|album|hostile [text|json]: a report made by hand, as the page, on standard output. */
#include "control/cli/reportjson.h"
#include "control/cli/reportpage.h"
#include "control/cli/reporttext.h"
#include "test/kit/specimen.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

int
main(int argc, char **argv)
{
    struct result file[4] = {{.path = NULL}};
    struct results r = {.file = file, .count = 1, .when = 1763730000, .target_lufs = NAN};
    struct reporttext text = {stdout, true, argc > 3};

    setlocale(LC_CTYPE, "C.UTF-8");
    if (argc < 2)
        return 2;
    if (strcmp(argv[1], "song") == 0) {
        file[0].path = "/music/Low Tide/01 Groyne (master 3).wav";
        r.target = "Spotify";
        r.target_lufs = -14.0;
    } else if (strcmp(argv[1], "clean") == 0) {
        file[0].path = "/music/Low Tide/02 Undertow.wav";
    } else if (strcmp(argv[1], "hostile") == 0) {
        file[0].path = SPECIMEN_HOSTILE_PATH;
        file[0].report = specimen_hostile();
    } else {
        file[0].path = "/music/01 Groyne.wav";
        file[1].path = "/music/02 Undertow.wav";
        file[2].path = "/music/03 Slack Water (a title that goes on and on and on, remastered).wav";
        file[3].path = "/music/notes.txt";
        snprintf(file[3].err.text, sizeof file[3].err.text, "%s: Format not recognised", file[3].path);
        r.album = specimen_album();
        r.count = 4;
    }
    for (int i = 0; i < r.count && i < 3; i++)
        if (!file[i].report)
            file[i].report = specimen_song(file[i].path, i != 1 && strcmp(argv[1], "clean") != 0);
    if (argc > 2 && strcmp(argv[2], "text") == 0)
        reporttext_write(&text, &r);
    else if (argc > 2)
        json_dumpf(results_to_json(&r), stdout, 0);
    else
        reportpage_write(stdout, &r);
    return 0;
}

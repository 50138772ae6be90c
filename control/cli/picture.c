/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/cli/picture.h"

#include "engine/chain.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static double
get(const struct engine *engine, const char *path)
{
    return engine_get(engine, param_find(path));
}

/* As the hands have ordered them. */
static void
order_stages(const struct engine *engine, enum stage order[STAGES])
{
    struct settings s = {0};
    char path[PARAM_PATH_SIZE];

    for (int i = 0; i < STAGES; i++) {
        snprintf(path, sizeof path, "/chain/order/%s", chain_stage_name(i));
        if (param_find(path) >= 0)
            s.chain.place[i] = (int)get(engine, path);
    }
    stages_order(&s, order);
}

/* Which have a switch or take something away, the parameter table knows. */
static void
fill_stages(const struct engine *engine, struct view_state *s)
{
    enum stage order[STAGES];

    order_stages(engine, order);
    for (int i = 0; i < STAGES && i < VIEW_STAGES; i++) {
        const char *name = chain_stage_name(order[i]);
        char on[PARAM_PATH_SIZE], reduction[PARAM_PATH_SIZE];

        snprintf(on, sizeof on, "/%s/on", name);
        snprintf(reduction, sizeof reduction, "/meter/%s/reduction", name);
        s->stage[s->nstages++] = (struct view_stage){
            .name = name,
            .on = param_find(on) < 0 || get(engine, on) != 0,
            .reduces = param_find(reduction) >= 0,
            .reduction_db = param_find(reduction) >= 0 ? get(engine, reduction) : 0.0,
        };
    }
    s->bypass = get(engine, "/chain/bypass") != 0;
}

static void
fill_levels(const struct engine *engine, struct view_state *s)
{
    s->input_peak_dbfs[0] = get(engine, "/meter/input/peak/1");
    s->input_peak_dbfs[1] = get(engine, "/meter/input/peak/2");
    s->output_peak_dbfs[0] = get(engine, "/meter/output/peak/1");
    s->output_peak_dbfs[1] = get(engine, "/meter/output/peak/2");
    s->momentary_lufs = get(engine, "/meter/output/momentary");
    s->true_peak_dbtp =
        fmax(get(engine, "/meter/output/true_peak_max/1"), get(engine, "/meter/output/true_peak_max/2"));
    s->plr_lu = get(engine, "/meter/output/plr");
    s->psr_lu = get(engine, "/meter/output/psr");
    s->correlation = get(engine, "/meter/output/correlation");
    s->short_term_lufs = get(engine, "/meter/output/short_term");
    s->integrated_lufs = get(engine, "/meter/output/integrated");
    s->range_lu = get(engine, "/meter/output/range");
    s->load_percent = get(engine, "/meter/dsp/load");
    s->worst_percent = get(engine, "/meter/dsp/worst");
    s->xruns = (long long)get(engine, "/meter/dsp/xruns");
}

/* Who is on midi_in is told only when somebody is. */
static const char *
list_surfaces(const struct engine *engine)
{
    static char list[1024];
    char path[PARAM_PATH_SIZE];
    size_t used = 0;

    list[0] = '\0';
    for (int i = 1; i <= PARAM_SURFACES && used < sizeof list; i++) {
        const char *name, *page;

        snprintf(path, sizeof path, "/surface/%d/name", i);
        name = engine_get_text(engine, param_find(path));
        snprintf(path, sizeof path, "/surface/%d/page", i);
        page = engine_get_text(engine, param_find(path));
        if (strcmp(name, "jack") == 0)
            name = engine_midi_other(engine);
        if (name[0])
            used +=
                (size_t)snprintf(list + used, sizeof list - used, "%s%s: %s", used ? "   " : "", name, page);
    }
    return list;
}

void
picture_fill(struct view_state *s, const struct engine *engine)
{
    s->server = engine_server_text(engine);
    s->latency_ms = engine_latency_frames(engine) * 1e3 / engine_rate_hz(engine);
    s->transport = get(engine, "/transport/source") != 0 ? VIEW_LIVE
                   : get(engine, "/transport/play") != 0 ? VIEW_PLAYING
                                                         : VIEW_STOPPED;
    if (!engine_sounding(engine))
        s->transport = VIEW_WAITING;
    s->track = engine_track_text(engine);
    s->position_s = get(engine, "/transport/position");
    s->length_s = engine_track_seconds(engine);
    fill_levels(engine, s);
    fill_stages(engine, s);
    s->measured_s = get(engine, "/meter/output/measured");
    s->printing = get(engine, "/print/record") != 0;
    s->print_file = engine_print_path(engine);
    s->surfaces = list_surfaces(engine);
    s->print_s = get(engine, "/print/time");
}

void
picture_line(char *out, size_t size, const struct engine *engine)
{
    snprintf(
        out, size,
        "%s at %.1f s, out %.1f/%.1f dBFS, %.1f LUFS so far, load %.1f %% mean, %.1f %% worst, %.0f xruns",
        engine_track_text(engine), get(engine, "/transport/position"), get(engine, "/meter/output/peak/1"),
        get(engine, "/meter/output/peak/2"), get(engine, "/meter/output/integrated"),
        get(engine, "/meter/dsp/load"), get(engine, "/meter/dsp/worst"), get(engine, "/meter/dsp/xruns"));
}

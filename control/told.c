/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/told.h"

static double
number_of(const struct engine *engine, int id)
{
    return param_is_number(param_at(id)) ? engine_get(engine, id) : 0.0;
}

static const char *
text_of(const struct engine *engine, int id)
{
    return param_at(id)->type == PARAM_TEXT ? engine_get_text(engine, id) : NULL;
}

int
told_arguments(const struct engine *engine, int id, bool norm, struct packet_arg arg[PACKET_ARGS])
{
    const struct param *p = param_at(id);
    uint64_t generation;

    if (p->type == PARAM_SERIES)
        return wire_write_series(p, engine_get_series(engine, id, &generation), arg);
    return wire_write(p, norm, number_of(engine, id), text_of(engine, id), arg);
}

uint64_t
told_mark(const struct engine *engine, int id, bool norm)
{
    const struct param *p = param_at(id);
    uint64_t generation;

    if (p->type != PARAM_SERIES)
        return wire_mark(p, norm, number_of(engine, id), text_of(engine, id));
    engine_get_series(engine, id, &generation);
    return generation;
}

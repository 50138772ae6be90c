/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/kit/defaults.h"

#include "engine/model.h"
#include "engine/params.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

double *
default_values(void)
{
    double *values = calloc((size_t)params_count(), sizeof *values);

    assert_non_null(values);
    for (int i = 0; i < params_count(); i++)
        values[i] = param_at(i)->def;
    return values;
}

struct settings
default_settings(void)
{
    double *values = default_values();
    struct settings s = settings_of(values);

    free(values);
    return s;
}

int
id_of(const char *path)
{
    int id = param_find(path);

    if (id < 0)
        fail_msg("%s: no such parameter", path);
    return id;
}

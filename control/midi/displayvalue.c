/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A number gets as many decimals as somebody who turns the knob looks at, and of these as many as fit; when not even the
 * whole number fits, thousands, millions... of it. Sign and unit come only when there is room beside them.
 */
#include "control/midi/display.h"

#include "control/midi/displayinside.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER = 48, SIGNIFICANT = 3, DECIMALS_MAX = 3, FINE_DB = 12, FINE_PERCENT = 50, MANY = 1000 };

static const char prefixes[] = " kMGTP"; /* each a thousand times the one before */

/* So that three digits count, as they are after rounding: 710, 71.0, 7.10, 0.710, and no more than three behind the dot. */
static int
significant_decimals(double value)
{
    char text[NUMBER];
    int n;

    snprintf(text, sizeof text, "%.*e", SIGNIFICANT - 1, value);
    n = SIGNIFICANT - 1 - atoi(strchr(text, 'e') + 1);
    return n < 0 ? 0 : n > DECIMALS_MAX ? DECIMALS_MAX : n;
}

static int
decimals(const struct param *p, double value)
{
    double span = p->max - p->min;

    if (p->type == PARAM_INT)
        return 0;
    switch (p->unit) {
    case UNIT_DB:
    case UNIT_DBFS:
    case UNIT_DBTP:
    case UNIT_LUFS:
    case UNIT_LU: return span <= FINE_DB ? 2 : 1;
    case UNIT_DEGREES: return 1;
    case UNIT_PERCENT: return span > MANY ? significant_decimals(value) : span <= FINE_PERCENT ? 1 : 0;
    case UNIT_FRAMES:
    case UNIT_NONE: /* what is counted */
        if (p->max >= MANY && value == floor(value))
            return 0;
        break;
    default: break;
    }
    return significant_decimals(value);
}

/* Without a minus before nothing. */
static void
write_number(char *text, double value, int n)
{
    snprintf(text, NUMBER, "%.*f", n, value);
    if (text[0] == '-' && !text[1 + strspn(text + 1, "0.")])
        memmove(text, text + 1, strlen(text));
}

/* With `most` decimals, or, since there is no room, fewer. False: not even without. */
static bool
fit(char *text, double value, int most, int columns)
{
    for (int n = most; n >= 0; n--) {
        write_number(text, value, n);
        if ((int)strlen(text) <= columns)
            return true;
    }
    return false;
}

/* The number and its prefix. False: there is no room. */
static bool
write_scaled(const struct param *p, double value, int columns, char *text)
{
    bool kilo = p->unit == UNIT_HZ && fabs(value) >= 999.5;

    if (!kilo && fit(text, value, decimals(p, value), columns))
        return true;
    for (int k = 1; prefixes[k]; k++) {
        double scaled = value / pow(1000.0, k);

        if (fabs(scaled) >= 999.5 && prefixes[k + 1])
            continue;
        if (fit(text, scaled, significant_decimals(scaled), columns - 1) && fabs(strtod(text, NULL)) >= 1.0) {
            strncat(text, &prefixes[k], 1);
            return true;
        }
    }
    return false;
}

static const char *
unit_mark(enum param_unit u)
{
    return u == UNIT_RATIO ? ":1" : u == UNIT_DEGREES ? "deg" : param_unit_name(u);
}

/* Rows that go both ways say which; 0 is neither. */
static bool
wants_plus(const struct param *p, double value, const char *number)
{
    return p->type == PARAM_FLOAT && p->min < 0.0 && p->max > 0.0 && value > 0.0 &&
           strpbrk(number, "123456789");
}

static void
write_value(const struct param *p, double value, int columns, char *text, size_t size)
{
    char number[NUMBER];
    const char *plus, *mark = unit_mark(p->unit);
    int room;

    if (!write_scaled(p, value, columns, number)) {
        snprintf(text, size, "%.*s", columns, "----");
        return;
    }
    room = columns - (int)strlen(number);
    plus = room > 0 && wants_plus(p, value, number) ? "+" : "";
    room -= (int)strlen(plus);
    snprintf(text, size, "%s%s%s", plus, number, (int)strlen(mark) <= room ? mark : "");
}

/* "low_shelf" as people write it. */
static void
write_name(const char *name, int columns, char *text, size_t size)
{
    char words[DISPLAY_TEXT];

    snprintf(words, sizeof words, "%s", name);
    for (char *c = words; *c; c++)
        if (*c == '_')
            *c = ' ';
    display_short(words, columns, text, size);
}

static void
write_switch(bool on, int columns, char *text, size_t size)
{
    snprintf(text, size, "%s", columns < 3 ? (on ? "1" : "0") : on ? "on" : "off");
}

void
display_value(const struct param *p, double value, int columns, char *text, size_t size)
{
    snprintf(text, size, "%s", "");
    if (columns <= 0 || p->type == PARAM_TRIGGER || !param_is_number(p))
        return;
    if (isnan(value) || (p->type == PARAM_ENUM && !(value >= 0.0 && value <= p->max)))
        snprintf(text, size, "%.*s", columns, "----");
    else if (isinf(value))
        snprintf(text, size, "%s", columns < 4 ? "" : value < 0.0 ? "-inf" : "inf");
    else if (p->type == PARAM_ENUM)
        write_name(p->names[(int)value], columns, text, size);
    else if (p->type == PARAM_BOOL)
        write_switch(value != 0.0, columns, text, size);
    else
        write_value(p, value, columns, text, size);
}

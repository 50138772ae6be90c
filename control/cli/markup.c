/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/cli/markup.h"

#include "control/utf8.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

static const char *
reference_of(wchar_t c)
{
    switch (c) {
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '&': return "&amp;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    case '\t':
    case '\r':
    case '\n': return " ";
    case 0xfffe:
    case UTF8_BROKEN: return REPLACEMENT;
    }
    return utf8_steers(c) ? REPLACEMENT : NULL;
}

void
markup_text(FILE *out, const char *text)
{
    wchar_t c;

    for (int n; (n = utf8_decode(text, &c)) > 0; text += n) {
        const char *reference = reference_of(c);

        fwrite(reference ? reference : text, 1, reference ? strlen(reference) : (size_t)n, out);
    }
}

void
markup_format(FILE *out, const char *format, ...)
{
    char *text = NULL;
    va_list ap;

    va_start(ap, format);
    if (vasprintf(&text, format, ap) >= 0)
        markup_text(out, text);
    va_end(ap);
    free(text);
}

void
markup_element(FILE *out, const char *tag, const char *class, const char *text)
{
    fprintf(out, class ? "<%s class=\"%s\">" : "<%s>", tag, class);
    markup_text(out, text);
    fprintf(out, "</%s>", tag);
}

void
markup_json(FILE *out, json_t *data)
{
    char *text = data ? json_dumps(data, JSON_COMPACT | JSON_REAL_PRECISION(6)) : NULL;

    for (const char *s = text ? text : "null"; *s; s++)
        if (*s == '<' || *s == '>' || *s == '&')
            fprintf(out, "\\u%04x", (unsigned)*s);
        else
            putc(*s, out);
    free(text);
    json_decref(data);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * markup: text and data into a page that is HTML and well-formed XML at once.
 *
 * Whatever is in them, they come out as text: nothing of it is taken for a tag, an attribute's end, a script's end or
 * a turn of the writing's direction.
 */
#ifndef CONTROL_CLI_MARKUP_H
#define CONTROL_CLI_MARKUP_H

#include <jansson.h>
#include <stdio.h>

/* Between tags, or in an attribute's quotes. */
void markup_text(FILE *out, const char *text);
void markup_format(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* <tag class="class">text</tag>; class NULL: none. */
void markup_element(FILE *out, const char *tag, const char *class, const char *text);
/* What a <script type="application/json"> holds; takes the reference. NULL is written as null. */
void markup_json(FILE *out, json_t *data);

#endif

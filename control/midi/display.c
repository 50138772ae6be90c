/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/display.h"

#include "control/midi/displayinside.h"
#include "control/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    HEADER_MAX = 16,
    LCD_STRIP = 7,
    LCD_ROW = 56,
    DIGIT_DOT = 0x40,
    FADERPORT_ROWS = 4,
    EC4_NAME = 4,
    EC4_NAMES = 16,
    EC4_TOTAL = 20,
    EC4_ROWS = 4,
    XTOUCH_ROWS = 2,
    STRIPS = 8,
    WHITE = 0xffffff
};

/* --- text -------------------------------------------------------------------------------------- */

/* Letters from U+00C0 to U+017F without their marks. */
static const char base_letter[] =
    "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTsaaaaaaaceeeeiiiidnooooo/ouuuuyty"
    "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlLlLlNnNnNnnNn"
    "OoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";

_Static_assert(sizeof base_letter == 0x180 - 0xc0 + 1, "one for each");

/* '\0': it only marks the letter before it. */
static char
ascii_of(wchar_t c)
{
    if (c >= 0x20 && c <= 0x7e)
        return (char)c;
    if (c >= 0xc0 && c < 0x180)
        return base_letter[c - 0xc0];
    if (c >= 0x300 && c < 0x370)
        return '\0';
    switch (c) {
    case 0xa0: return ' ';
    case 0xb5:
    case 0x3bc: return 'u'; /* micro */
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2212: return '-';
    case 0x2018:
    case 0x2019: return '\'';
    case 0x201c:
    case 0x201d: return '"';
    default: return '?';
    }
}

int
display_ascii(const char *text, char *out, size_t size)
{
    size_t n = 0;
    wchar_t c;

    for (int used; n + 1 < size && (used = utf8_decode(text, &c)) > 0; text += used) {
        char letter = ascii_of(c);

        if (letter)
            out[n++] = letter;
    }
    out[n] = '\0';
    return (int)n;
}

/* Cut and padded to exactly `columns`. */
static void
put_text(uint8_t *bytes, const char *text, int columns)
{
    char ascii[DISPLAY_TEXT];
    int length = display_ascii(text, ascii, sizeof ascii);

    memset(bytes, ' ', (size_t)columns);
    memcpy(bytes, ascii, (size_t)(length < columns ? length : columns));
}

static int
least(int a, int b)
{
    return a < b ? a : b;
}

/* --- one row ----------------------------------------------------------------------------------- */

/* The group's header, which begins each of its messages; 0: none, or nothing that begins a sysex. */
static int
put_header(const struct surface_control *c, uint8_t *bytes)
{
    int n = c->header ? surface_bytes(c->header, bytes, HEADER_MAX) : 0;

    return n > 0 && bytes[0] == 0xf0 ? n : 0;
}

/* What the room at `position` of the LCD's 2 x 56 is. */
static int
put_lcd(const struct surface_control *c, int position, const char *text, int columns, uint8_t *bytes)
{
    int size = put_header(c, bytes);

    if (!size || columns <= 0 || position < 0 || position + columns > 2 * LCD_ROW)
        return 0;
    bytes[size++] = 0x12;
    bytes[size++] = (uint8_t)position;
    put_text(bytes + size, text, columns);
    bytes[size + columns] = 0xf7;
    return size + columns + 1;
}

/* Six bits: 0x20..0x3F as in ASCII, letters less 0x40. */
static int
digit_code(char letter)
{
    if (letter >= 'a' && letter <= 'z')
        letter = (char)(letter - 'a' + 'A');
    if (letter >= 0x60)
        letter = '?';
    return letter & 0x3f;
}

/* Text to digits from the left, each with its dot; all `columns` of them, blank behind the text. */
static void
digits_of(const char *text, int columns, uint8_t *digit)
{
    char ascii[DISPLAY_TEXT];
    int n = 0;

    display_ascii(text, ascii, sizeof ascii);
    memset(digit, ' ', (size_t)columns);
    for (const char *at = ascii; *at; at++)
        if (*at == '.' && n > 0 && !(digit[n - 1] & DIGIT_DOT))
            digit[n - 1] |= DIGIT_DOT;
        else if (n < columns)
            digit[n++] = (uint8_t)(*at == '.' ? ' ' | DIGIT_DOT : digit_code(*at));
        else
            break;
}

static int
put_digits(const struct surface_control *c, int n, const char *text, uint8_t *bytes)
{
    const struct surface_way *w = surface_out(c);
    uint8_t digit[SURFACE_BYTES / 3];
    int columns = least(c->columns, (int)sizeof digit), size = 0, channel, first;

    if (!w || w->message != SURFACE_CC || columns <= 0)
        return 0;
    channel = surface_way_channel(w, n), first = surface_way_number(w, n);
    if (channel < 0 || channel > 15 || first < 0 || first + columns > 128)
        return 0;
    digits_of(text, columns, digit);
    for (int i = 0; i < columns; i++) {
        bytes[size++] = (uint8_t)(0xb0 | channel);
        bytes[size++] = (uint8_t)(first + i);
        bytes[size++] = digit[columns - 1 - i];
    }
    return size;
}

/* It centres by itself, so nothing is padded; an empty text clears the line. */
static int
put_faderport(const struct surface_control *c, int n, int row, const char *text, uint8_t *bytes)
{
    char ascii[DISPLAY_TEXT];
    int size = put_header(c, bytes), length = least(display_ascii(text, ascii, sizeof ascii), c->columns);

    if (!size || row >= FADERPORT_ROWS)
        return 0;
    bytes[size++] = 0x12;
    bytes[size++] = (uint8_t)n;
    bytes[size++] = (uint8_t)row;
    bytes[size++] = 0; /* centred, not inverted */
    memcpy(bytes + size, ascii, (size_t)length);
    size += length;
    bytes[size++] = 0xf7;
    return size;
}

/* A command of the EC4: what it is and a byte in two halves. */
static int
put_ec4(uint8_t *bytes, uint8_t command, int value)
{
    bytes[0] = command;
    bytes[1] = (uint8_t)(0x20 | value >> 4);
    bytes[2] = (uint8_t)(0x10 | (value & 0xf));
    return 3;
}

static int
put_ec4_row(const struct surface_control *c, int n, int row, const char *text, uint8_t *bytes)
{
    bool total = c->columns > EC4_NAME;
    int columns = total ? EC4_TOTAL : EC4_NAME, size = put_header(c, bytes);
    uint8_t ascii[EC4_TOTAL];

    if (!size || (total ? row >= EC4_ROWS : row > 0 || n >= EC4_NAMES))
        return 0;
    memset(ascii, ' ', sizeof ascii);
    put_text(ascii, text, least(c->columns, columns));
    size += put_ec4(bytes + size, 0x4e, total ? 0x23 : 0x20);
    size += put_ec4(bytes + size, 0x4a, total ? row * EC4_TOTAL : n * EC4_NAME);
    for (int i = 0; i < columns; i++)
        size += put_ec4(bytes + size, 0x4d, ascii[i]);
    if (total)
        size += put_ec4(bytes + size, 0x4e, 0x24);
    bytes[size++] = 0xf7;
    return size;
}

int
display_columns(const struct surface_control *c)
{
    switch (c->text) {
    case SURFACE_TEXT_NONE: return 0;
    case SURFACE_TEXT_MACKIE: return least(c->columns, LCD_STRIP - 1);
    case SURFACE_TEXT_EC4: return least(c->columns, c->columns > EC4_NAME ? EC4_TOTAL : EC4_NAME);
    case SURFACE_TEXT_XTOUCH: return least(c->columns, LCD_STRIP);
    case SURFACE_TEXT_DIGITS:
    case SURFACE_TEXT_FADERPORT: break;
    }
    return c->columns;
}

int
display_row(const struct surface_control *c, int n, int row, const char *text, uint8_t *bytes)
{
    if (row < 0 || row >= c->rows || n < 0 || n >= c->count)
        return 0;
    switch (c->text) {
    case SURFACE_TEXT_MACKIE: return put_lcd(c, row * LCD_ROW + n * LCD_STRIP, text, LCD_STRIP, bytes);
    case SURFACE_TEXT_DIGITS: return put_digits(c, n, text, bytes);
    case SURFACE_TEXT_FADERPORT: return put_faderport(c, n, row, text, bytes);
    case SURFACE_TEXT_EC4: return put_ec4_row(c, n, row, text, bytes);
    case SURFACE_TEXT_XTOUCH:
    case SURFACE_TEXT_NONE: break;
    }
    return 0;
}

int
display_line(const struct surface_control *c, int row, const char *text, uint8_t *bytes)
{
    if (c->text != SURFACE_TEXT_MACKIE || row < 0 || row >= c->rows)
        return 0;
    return put_lcd(c, row * LCD_ROW, text, least(c->count * LCD_STRIP, LCD_ROW), bytes);
}

/* --- colours ----------------------------------------------------------------------------------- */

/* The nearest of eight: bit 0 red, 1 green, 2 blue, each that is at least half of the strongest. Black would be dark, and
   is white. */
static int
colour_of_eight(uint32_t rgb)
{
    int part[] = {rgb >> 16 & 0xff, rgb >> 8 & 0xff, rgb & 0xff}, strongest = 0, colour = 0;

    for (int i = 0; i < 3; i++)
        strongest = part[i] > strongest ? part[i] : strongest;
    for (int i = 0; i < 3; i++)
        if (2 * part[i] >= strongest)
            colour |= 1 << i;
    return colour;
}

int
display_colours(const struct surface_control *c, const uint32_t *rgb, int count, uint8_t *bytes)
{
    static const uint8_t icon[] = {0xf0, 0x00, 0x02, 0x4e, 0x16, 0x14};
    int size = 0;

    if (c->strip_colours == SURFACE_COLOURS_NONE)
        return 0;
    if (c->strip_colours == SURFACE_COLOURS_ICON) {
        memcpy(bytes, icon, sizeof icon);
        size = sizeof icon;
    } else if (!(size = put_header(c, bytes)))
        return 0;
    else
        bytes[size++] = 0x72;
    for (int i = 0; i < STRIPS; i++) {
        uint32_t one = i < count ? rgb[i] : WHITE;

        if (c->strip_colours == SURFACE_COLOURS_XTOUCH)
            bytes[size++] = (uint8_t)colour_of_eight(one);
        else
            for (int shift = 16; shift >= 0; shift -= 8)
                bytes[size++] = (uint8_t)((one >> shift & 0xff) / 2);
    }
    bytes[size++] = 0xf7;
    return size;
}

static int
put_xtouch(const struct surface_control *c, int n, const char *const *rows, uint32_t rgb, uint8_t *bytes)
{
    int size = put_header(c, bytes);

    if (!size)
        return 0;
    bytes[size++] = 0x4c;
    bytes[size++] = (uint8_t)n;
    bytes[size++] = (uint8_t)colour_of_eight(rgb);
    for (int row = 0; row < XTOUCH_ROWS; row++, size += LCD_STRIP)
        put_text(bytes + size, row < c->rows && rows[row] ? rows[row] : "", LCD_STRIP);
    bytes[size++] = 0xf7;
    return size;
}

int
display_strip(const struct surface_control *c, int n, const char *const *rows, uint32_t rgb, uint8_t *bytes)
{
    uint8_t one[SURFACE_BYTES];
    int size = 0;

    if (c->text == SURFACE_TEXT_XTOUCH)
        return n >= 0 && n < c->count ? put_xtouch(c, n, rows, rgb, bytes) : 0;
    for (int row = 0; row < c->rows; row++) {
        int more = display_row(c, n, row, rows[row] ? rows[row] : "", one);

        if (size + more > SURFACE_BYTES)
            break;
        memcpy(bytes + size, one, (size_t)more);
        size += more;
    }
    return size;
}

/* --- time -------------------------------------------------------------------------------------- */

/* How many digits there are in it. */
static int
count_digits(const char *text)
{
    int n = 0;

    for (; *text; text++)
        n += *text != '.';
    return n;
}

/* Of whole milliseconds, with so many digits behind the second. */
static void
write_time(int64_t ms, bool minus, int decimals, char *text, size_t size)
{
    static const int unit[] = {1000, 100, 10, 1};
    const char *sign = minus ? "-" : "";
    long long s = ms / 1000, m = s / 60, h = m / 60;
    int used = h ? snprintf(text, size, "%s%lld.%02d.%02d", sign, h, (int)(m % 60), (int)(s % 60))
                 : snprintf(text, size, "%s%lld.%02d", sign, m, (int)(s % 60));

    if (decimals && used > 0 && (size_t)used < size)
        snprintf(text + used, size - (size_t)used, ".%0*d", decimals, (int)(ms % 1000) / unit[decimals]);
}

int
display_time(double seconds, int columns, char *text, size_t size)
{
    char time[64] = "";
    int decimals = columns >= 8 ? 3 : columns >= 5 ? 1 : 0, used = 0;
    bool known = fabs(seconds) < 1e12;

    if (known) { /* a millionth of a millisecond for what the quotient of frames and rate has lost */
        int64_t ms = (int64_t)floor(fabs(seconds) * 1000.0 + 1e-6);

        write_time(ms, seconds < 0.0 && ms > 0, decimals, time, sizeof time);
        if (count_digits(time) > columns)
            write_time(ms, seconds < 0.0 && ms > 0, 0, time, sizeof time);
    }
    if (!known || count_digits(time) > columns)
        snprintf(time, sizeof time, "%.*s", least(columns, 32), "--------------------------------");
    used = snprintf(text, size, "%*s%s", columns > count_digits(time) ? columns - count_digits(time) : 0, "",
                    time);
    return used < (int)size ? used : (int)size - 1;
}

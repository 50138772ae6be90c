/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/codec.h"

#include "engine/surfacescale.h"
#include "engine/surfaceway.h"

enum { CHANNELS = 16, DATA_HIGH = 6, DATA_LOW = 38, NRPN_LOW = 98, NRPN_HIGH, RPN_LOW, RPN_HIGH };

static int
put_cc(uint8_t *bytes, int at, int channel, int controller, int v)
{
    bytes[at] = (uint8_t)(0xB0 | channel);
    bytes[at + 1] = (uint8_t)controller;
    bytes[at + 2] = (uint8_t)v;
    return at + 3;
}

/* Select, set, select nothing: what another says next must not get there. */
static int
put_parameter(uint8_t *bytes, bool rpn, int channel, int number, int raw)
{
    int high = rpn ? RPN_HIGH : NRPN_HIGH, low = rpn ? RPN_LOW : NRPN_LOW, at = 0;

    at = put_cc(bytes, at, channel, high, number >> 7);
    at = put_cc(bytes, at, channel, low, number & 127);
    at = put_cc(bytes, at, channel, DATA_HIGH, raw >> 7);
    at = put_cc(bytes, at, channel, DATA_LOW, raw & 127);
    at = put_cc(bytes, at, channel, high, 127);
    return put_cc(bytes, at, channel, low, 127);
}

static int
put_sysex(uint8_t *bytes, const char *text, int number, int n, int raw)
{
    int token[SURFACE_BYTES], size = text ? surfaceway_template(text, token, SURFACE_BYTES) : 0;

    if (number < 0 || number > 127)
        return 0;
    for (int i = 0; i < size; i++)
        switch (token[i]) {
        case SURFACEWAY_NUMBER: bytes[i] = (uint8_t)number; break;
        case SURFACEWAY_VALUE: bytes[i] = (uint8_t)(raw & 127); break;
        case SURFACEWAY_HIGH: bytes[i] = (uint8_t)(raw >> 7); break;
        case SURFACEWAY_LOW: bytes[i] = (uint8_t)(raw & 127); break;
        case SURFACEWAY_INDEX: bytes[i] = (uint8_t)n; break;
        default: bytes[i] = (uint8_t)token[i];
        }
    return size > 0 ? size : 0;
}

static int
put_short(uint8_t *bytes, int status, int first, int second, int size)
{
    bytes[0] = (uint8_t)status;
    bytes[1] = (uint8_t)first;
    bytes[2] = (uint8_t)second;
    return size;
}

int
codec_write(const struct surface_way *w, int n, int raw, uint8_t *bytes)
{
    int channel = surface_way_channel(w, n), number = surface_way_number(w, n), most;

    most = w->message == SURFACE_CC14                                ? 95
           : w->message == SURFACE_NRPN || w->message == SURFACE_RPN ? 16382
                                                                     : 127;
    if (channel < 0 || channel >= CHANNELS || number < 0 || number > most || raw < 0 ||
        raw > surface_way_max(w))
        return 0;
    switch (w->message) {
    case SURFACE_NONE: break;
    case SURFACE_CC: return put_cc(bytes, 0, channel, number, raw);
    case SURFACE_CC14:
        return put_cc(bytes, put_cc(bytes, 0, channel, number, raw >> 7), channel, number + 32, raw & 127);
    case SURFACE_NRPN:
    case SURFACE_RPN: return put_parameter(bytes, w->message == SURFACE_RPN, channel, number, raw);
    case SURFACE_NOTE: return put_short(bytes, 0x90 | channel, number, raw, 3);
    case SURFACE_POLY_PRESSURE: return put_short(bytes, 0xA0 | channel, number, raw, 3);
    case SURFACE_PROGRAM: return put_short(bytes, 0xC0 | channel, raw, 0, 2);
    case SURFACE_CHANNEL_PRESSURE: return put_short(bytes, 0xD0 | channel, raw, 0, 2);
    case SURFACE_PITCH_BEND: return put_short(bytes, 0xE0 | channel, raw & 127, raw >> 7, 3);
    case SURFACE_SYSEX: return put_sysex(bytes, w->sysex, number, n, raw);
    }
    return 0;
}

int
codec_raw(const struct surface_control *c, double value)
{
    struct surfacescale s = surfacescale_of(c);

    return surfacescale_raw(&s, value);
}

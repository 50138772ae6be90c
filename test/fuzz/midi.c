/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * midi: bytes as a box's stream, in pieces of any size, read by a profile that has all kinds of messages, codings and keys,
 * and one group whose numbers are the input's own. What comes out is whole, of the profile and in its range; what is
 * written back is whole messages, and says the same value.
 */
#include "test/fuzz/fuzz.h"

#include "control/midi/codec.h"
#include "control/midi/message.h"
#include "engine/surfacescale.h"
#include "engine/takeover.h"

#include <math.h>
#include <string.h>

enum {
    EVENTS = 64,
    WILD = 0 /* the group */,
    LONGEST = 320 /* bytes: more of the same finds less a second */
};

#define WAY(message_, ...)                                                                                   \
    &(struct surface_way)                                                                                    \
    {                                                                                                        \
        .message = SURFACE_##message_, __VA_ARGS__                                                           \
    }

static const struct surface_control tame[] = {
    {.name = "wild"},
    {.name = "cc", .kind = SURFACE_FADER, .count = 8, .in = WAY(CC, .number = 16)},
    {.name = "short", .kind = SURFACE_POT, .count = 8, .in = WAY(CC, .number = 24), .min = 3, .max = 120},
    {.name = "upside", .kind = SURFACE_POT, .count = 2, .in = WAY(CC, .number = 40), .min = 127, .max = 0},
    {.name = "detent", .kind = SURFACE_POT, .in = WAY(CC, .number = 42), .centre = 64, .detent = 2},
    {.name = "fine", .kind = SURFACE_FADER, .count = 4, .in = WAY(CC14, .number = 0)},
    {.name = "low", .kind = SURFACE_FADER, .count = 4, .in = WAY(CC14, .number = 4), .low_first = true},
    {.name = "nrpn", .kind = SURFACE_POT, .count = 4, .in = WAY(NRPN, .number = 126)},
    {.name = "rpn", .kind = SURFACE_POT, .count = 4, .in = WAY(RPN, .number = 0), .max = 1000},
    {.name = "up", .kind = SURFACE_ENCODER, .in = WAY(NRPN, .number = 3), .coding = SURFACE_INCREMENT},
    {.name = "bend",
     .kind = SURFACE_FADER,
     .count = 9,
     .in = WAY(PITCH_BEND, .channel_step = 1),
     .motor = true},
    {.name = "pan",
     .kind = SURFACE_ENCODER,
     .in = WAY(PITCH_BEND, .channel = 16),
     .coding = SURFACE_BEND_SIGN,
     .debounce_ms = 10,
     .reverse_ms = 100},
    {.name = "twos", .kind = SURFACE_ENCODER, .in = WAY(CC, .number = 50), .coding = SURFACE_TWOS_COMPLEMENT},
    {.name = "offset", .kind = SURFACE_JOG, .in = WAY(CC, .number = 51), .coding = SURFACE_OFFSET64},
    {.name = "sign",
     .kind = SURFACE_ENCODER,
     .in = WAY(CC, .number = 52),
     .coding = SURFACE_SIGN_MAGNITUDE,
     .acceleration = 1.7},
    {.name = "inverted",
     .kind = SURFACE_ENCODER,
     .in = WAY(CC, .number = 53),
     .coding = SURFACE_SIGN_MAGNITUDE_INVERTED},
    {.name = "note", .kind = SURFACE_BUTTON, .count = 12, .in = WAY(NOTE, .number = 0)},
    {.name = "touch", .kind = SURFACE_TOUCH, .count = 9, .in = WAY(NOTE, .number = 104), .threshold = 1},
    {.name = "kept", .kind = SURFACE_BUTTON, .in = WAY(CC, .number = 60), .press = SURFACE_TOGGLE},
    {.name = "only", .kind = SURFACE_BUTTON, .in = WAY(NOTE, .number = 64), .press = SURFACE_PRESS_ONLY},
    {.name = "poly",
     .kind = SURFACE_BUTTON,
     .count = 24,
     .in = WAY(POLY_PRESSURE, .number = 0),
     .threshold = 1},
    {.name = "pressure", .kind = SURFACE_POT, .count = 2, .in = WAY(CHANNEL_PRESSURE, .channel_step = 1)},
    {.name = "program", .kind = SURFACE_BUTTON, .count = 8, .in = WAY(PROGRAM, .number = 0)},
    {.name = "bank", .kind = SURFACE_POT, .in = WAY(PROGRAM, .channel = 2)},
    {.name = "sysex",
     .kind = SURFACE_POT,
     .count = 4,
     .in = WAY(SYSEX, .number = 5, .sysex = "F0 7D nn vv F7")},
    {.name = "halves", .kind = SURFACE_FADER, .count = 4, .in = WAY(SYSEX, .sysex = "F0 7D ii mm ll F7")},
    {.name = "spin",
     .kind = SURFACE_ENCODER,
     .in = WAY(SYSEX, .sysex = "F0 7D 7F vv F7"),
     .coding = SURFACE_OFFSET64},
    {.name = "meter", .kind = SURFACE_METER, .count = 8, .in = WAY(CC, .number = 16)},
    {.name = "twin", .kind = SURFACE_BUTTON, .count = 8, .in = WAY(CC, .number = 16)},
};

static struct surface_control control[LEN(tame)];
static const struct surface_profile profile = {.controls = control, .controls_count = LEN(tame)};
static struct surface_way wild;

struct box {
    struct codec *codec;
    struct midi_parser parser;
    struct takeover takeover;
    int64_t now_ns;
    double value;
    int whole;
};

static int
number(struct feed *f)
{
    int high = (int)feed_byte(f) & 127;

    return high * 128 + (int)(feed_byte(f) & 127);
}

/* A group that the checks of a file would let pass. */
static void
make_wild(struct feed *f)
{
    struct surface_control *c = &control[WILD];
    int most;

    wild = (struct surface_way){.message = (enum surface_message)(feed_byte(f) % (SURFACE_SYSEX + 1)),
                                .channel = (int)(feed_byte(f) % 16) + 1,
                                .channel_step = (int)(feed_byte(f) % 3),
                                .number = number(f) % (feed_byte(f) % 2 ? 128 : 16384),
                                .number_step = (int)(feed_byte(f) % 5) - 2,
                                .sysex = feed_byte(f) % 2 ? "F0 7D mm vv ll F7" : "F0 00 20 ii nn vv nn F7"};
    *c = tame[WILD];
    c->in = &wild;
    most = surface_way_max(&wild);
    c->kind = (enum surface_kind)(feed_byte(f) % (SURFACE_TOUCH + 1));
    c->count = (int)(feed_byte(f) % 8) + 1;
    c->coding = (enum surface_coding)(feed_byte(f) % (SURFACE_INCREMENT + 1));
    c->press = (enum surface_press)(feed_byte(f) % 3);
    c->min = number(f) % (most + 1);
    c->max = number(f) % (most + 1);
    c->centre = number(f) % (most + 1);
    c->detent = number(f) % 128;
    c->threshold = number(f) % (most + 1);
    c->low_first = feed_byte(f) % 2;
    c->acceleration = feed_byte(f) / 64.0;
    c->debounce_ms = (int)feed_byte(f);
    c->reverse_ms = (int)feed_byte(f);
}

static void
count_whole(void *context, const uint8_t *bytes, size_t size)
{
    struct box *b = context;

    assert(midi_whole(bytes, size));
    b->whole += (int)size;
}

static void
check_back(struct box *b, const struct codec_event *e)
{
    const struct surface_control *c = &control[e->group];
    struct surfacescale scale = surfacescale_of(c);
    uint8_t bytes[SURFACE_BYTES];
    struct midi_parser p = {0};
    int size = codec_write(surface_out(c), e->n, codec_raw(c, e->value), bytes);

    b->whole = 0;
    midi_parse(&p, bytes, (size_t)size, count_whole, b);
    assert(size > 0 && size <= SURFACE_BYTES);
    assert(b->whole == size && p.dropped == 0);
    assert(surfacescale_value(&scale, codec_raw(c, e->value)) == e->value);
}

static void
check_value(struct box *b, const struct codec_event *e)
{
    enum surface_takeover how = (enum surface_takeover)(e->group % 3);
    double out = -1.0, before = b->value;
    bool held = takeover_holds(&b->takeover, before, e->steps);

    assert(e->value >= 0.0 && e->value <= 1.0);
    assert(e->steps >= 1 && e->steps <= 16383);
    if (takeover_move(&b->takeover, how, e->value, before, e->steps, &out)) {
        assert(out >= 0.0 && out <= 1.0);
        b->value = out;
    } else {
        assert(!held && how != SURFACE_JUMP);
    }
    check_back(b, e);
}

static void
check_event(struct box *b, const struct codec_event *e)
{
    const struct surface_control *c;
    bool key;

    assert(e->group >= 0 && e->group < (int)profile.controls_count);
    c = &control[e->group];
    assert(e->n >= 0 && e->n < (c->count ? c->count : 1));
    key = c->kind == SURFACE_BUTTON || c->kind == SURFACE_TOUCH;
    switch (e->what) {
    case CODEC_VALUE:
        assert(!key && c->coding == SURFACE_ABSOLUTE);
        check_value(b, e);
        break;
    case CODEC_TICKS:
        assert(!key && c->coding != SURFACE_ABSOLUTE);
        assert(isfinite(e->ticks) && e->ticks != 0.0 && fabs(e->ticks) <= 16384.0);
        break;
    case CODEC_PRESS: assert(key && c->press != SURFACE_TOGGLE); break;
    case CODEC_RELEASE: assert(key && c->press == SURFACE_MOMENTARY); break;
    case CODEC_ON:
    case CODEC_OFF: assert(key && c->press == SURFACE_TOGGLE); break;
    default: assert(!"an event that is none");
    }
}

static void
check_events(struct box *b, const struct codec_event *events, int n)
{
    assert(n >= 0 && n <= EVENTS);
    for (int i = 0; i < n; i++)
        check_event(b, &events[i]);
}

static void
hear(void *context, const uint8_t *bytes, size_t size)
{
    struct codec_event events[EVENTS];
    struct box *b = context;
    int n;

    assert(size <= MESSAGE_MAX && midi_whole(bytes, size));
    n = codec_read(b->codec, bytes, size, b->now_ns, events, EVENTS);
    assert(n == 0 || codec_known(b->codec));
    check_events(b, events, n);
}

/* Of the sysex that has begun, to the last byte that has room: the input itself is shorter. */
static void
lengthen(struct box *b)
{
    static const uint8_t more[MESSAGE_MAX];

    midi_parse(&b->parser, more, MESSAGE_MAX - 1 - b->parser.size, hear, b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct feed f = {data, size < LONGEST ? size : LONGEST};
    struct box b = {.value = 0.5};
    struct codec_event events[EVENTS];

    memcpy(control, tame, sizeof tame);
    make_wild(&f);
    assert(codec_open(&b.codec, &profile) == OK);
    while (f.left) {
        unsigned head = feed_byte(&f);
        size_t n;
        const uint8_t *piece = feed_bytes(&f, head % 64 + 1, &n);

        b.now_ns += (head >> 6) * 4000000LL;
        midi_parse(&b.parser, piece, n, hear, &b);
        if (head == 255 && b.parser.sysex && b.parser.size < MESSAGE_MAX)
            lengthen(&b);
        check_events(&b, events, codec_tick(b.codec, b.now_ns, events, EVENTS));
    }
    codec_close(b.codec);
    return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * surface: the profile of a MIDI control surface, read from its file and checked.
 *
 * How a file is written, and what each key means: hw-profiles/surfaces/generic-cc.yaml.
 *
 * controls   a box has groups of equal controls; the n-th of "encoder" is "encoder/n", n from 1; of a group of one, "jog"
 * ways       how a message of a group looks: the n-th differs in its number or its channel
 * pages      what each control does: assignments, of which those of the page go before those of all pages
 * slots      a page's list of rows that a bank of controls looks at through a window
 */
#ifndef ENGINE_SURFACE_H
#define ENGINE_SURFACE_H

#include "dsp/dsp.h"
#include "engine/err.h"

enum { SURFACE_GROUPS = 64, SURFACE_COUNT = 64 /* of a group */, SURFACE_BYTES = 512 /* of a message */ };

enum surface_kind {
    SURFACE_FADER,   /* absolute, with or without a motor */
    SURFACE_POT,     /* absolute, with two ends */
    SURFACE_ENCODER, /* endless */
    SURFACE_JOG,     /* endless, large */
    SURFACE_BUTTON,
    SURFACE_TOUCH,  /* says that a finger is on a fader or a knob */
    SURFACE_LED,    /* shows only: off, on, blinking */
    SURFACE_METER,  /* shows a level */
    SURFACE_DISPLAY /* shows text */
};

enum surface_message {
    SURFACE_NONE,
    SURFACE_CC,
    SURFACE_CC14, /* number and number + 32 */
    SURFACE_NRPN,
    SURFACE_RPN,
    SURFACE_NOTE,
    SURFACE_PITCH_BEND,
    SURFACE_CHANNEL_PRESSURE,
    SURFACE_POLY_PRESSURE,
    SURFACE_PROGRAM,
    SURFACE_SYSEX /* by a template */
};

enum surface_coding {
    SURFACE_ABSOLUTE,
    SURFACE_TWOS_COMPLEMENT,         /* up 1.., down 127.. */
    SURFACE_OFFSET64,                /* up 65.., down 63.. */
    SURFACE_SIGN_MAGNITUDE,          /* up 1.., down 65.. */
    SURFACE_SIGN_MAGNITUDE_INVERTED, /* up 65.., down 1.. */
    SURFACE_BEND_SIGN,               /* pitch bend: 8192 and above is one down, below one up */
    SURFACE_INCREMENT                /* (N)RPN: CC 96 up, 97 down */
};

enum surface_press {
    SURFACE_MOMENTARY, /* pressed from the threshold on, else released */
    SURFACE_TOGGLE,    /* the box keeps the state: from the threshold on it is on */
    SURFACE_PRESS_ONLY /* each message is a press */
};

/* What is sent back for a control. */
enum surface_style {
    SURFACE_SHOWS_NOTHING,
    SURFACE_SHOWS_VALUE,        /* min..max, as it is sent: motors, encoders that keep their value */
    SURFACE_SHOWS_LIGHT,        /* off, on, blink, or a colour */
    SURFACE_SHOWS_RING_MACKIE,  /* surfaces.md 1.2 */
    SURFACE_SHOWS_RING_13,      /* 0 off, 1..13; 14..26 blinking; the ring's mode by `mode` */
    SURFACE_SHOWS_BAR,          /* 0..127, its mode by `mode`: 0 normal, 1 bipolar, 2 fill, 3 spread, 4 off */
    SURFACE_SHOWS_METER_MACKIE, /* surfaces.md 1.3 */
    SURFACE_SHOWS_METER_127     /* 2 x dBFS + 127 */
};

/* A language for text; rows and columns of one display are the group's. */
enum surface_text {
    SURFACE_TEXT_NONE,
    SURFACE_TEXT_MACKIE, /* header 12 position text F7; 7 columns a strip, 56 a row */
    SURFACE_TEXT_DIGITS, /* Mackie's seven-segment digits by CC, the first from the right; columns: how many */
    SURFACE_TEXT_FADERPORT, /* header 12 strip row align text F7 */
    SURFACE_TEXT_EC4,       /* Faderfox EC4 */
    SURFACE_TEXT_XTOUCH     /* header 4C strip colour and 14 characters F7 */
};

enum surface_colours {
    SURFACE_COLOURS_NONE,
    SURFACE_COLOURS_XTOUCH, /* header 72 and eight bytes F7 */
    SURFACE_COLOURS_ICON    /* F0 00 02 4E 16 14 and eight times r g b F7 */
};

enum surface_takeover { SURFACE_PICKUP, SURFACE_SCALE, SURFACE_JUMP };
enum surface_ring {
    SURFACE_RING_BY_ROW,
    SURFACE_RING_DOT,
    SURFACE_RING_BOOST_CUT,
    SURFACE_RING_WRAP,
    SURFACE_RING_SPREAD
};
enum surface_handshake { SURFACE_NO_HANDSHAKE, SURFACE_MACKIE_HANDSHAKE };

struct surface_way {
    enum surface_message message;
    int channel;      /* 1..16; left out: 1 */
    int channel_step; /* from one control of the group to the next */
    int number;       /* of the first; */
    int number_step;  /* left out: 1, and 0 for what has a channel_step */
    int *numbers;     /* or one each */
    unsigned numbers_count;
    char *
        sysex; /* "F0 00 20 29 02 11 78 08 nn vv F7": nn number, vv value, mm ll its 7-bit halves, ii index from 0 */
};

struct surface_colour {
    char *name;
    int value; /* what is sent; with rgb 0xRRGGBB */
};

struct surface_control { /* a group */
    char *name;          /* "encoder" */
    char *label;         /* printed on the box; NULL: the name */
    enum surface_kind kind;
    int count;              /* left out: 1 */
    struct surface_way *in; /* NULL: sends nothing */
    enum surface_coding coding;
    int min, max;        /* raw, of the whole way; left out: all that the message can say */
    int centre, detent;  /* raw: from centre - detent to centre + detent is the middle; detent 0: none */
    bool low_first;      /* CC14: the low half comes first */
    double acceleration; /* of relative codings: a message of n ticks counts n to this power; left out: 1 */
    int debounce_ms;     /* between steps; */
    int reverse_ms;      /* and before a step the other way is believed */
    enum surface_press press;
    int threshold; /* raw, of a press or a touch; left out: 64 */
    char *touch;   /* the group whose n-th says that the n-th of this is touched */
    bool motor;    /* moves by itself to what it is sent */

    struct surface_way *out; /* NULL: as in */
    enum surface_style style;
    struct surface_way *mode; /* RING_13, BAR: sets the ring's mode */
    int off, on, blink;       /* of a light; left out: 0, 127, and blink as on: it can't */
    struct surface_colour *colours;
    unsigned colours_count;
    bool rgb; /* three more messages on the next three channels: red, green, blue, 0..127 */

    enum surface_text text;
    int rows, columns; /* rows left out: 1 */
    char *header;      /* "F0 00 00 66 14" */
    enum surface_colours strip_colours;
};

struct surface_assign {
    char *control; /* "encoder" (each of them), "encoder/3", "encoder/2..4" */
    char *
        to; /* a path, "slots", "macro NAME" or an action; # is the control's number within the assignment, from 1 */
    char *layer;      /* while it is held; NULL: while none is */
    char *value;      /* a button sets this, and is lit while it is so */
    char *low, *high; /* ends of the way, as --set takes them; NULL: the row's */
    bool invert;
    double
        by; /* each press or tick adds this, in the row's unit; 0: a press toggles or steps, a tick is `step` */
    char *base;  /* the row that `by` is added to; NULL: the same */
    double step; /* share of the way that one tick moves; 0: 1/100; of an enum one tick is one */
    int first;   /* "slots": the window's first, from 1; 0 in a file: 1 */
    char *colour;
    enum surface_ring ring;
    enum surface_takeover takeover; /* has_takeover: else the profile's */
    bool has_takeover;
    char *text; /* a name for displays; NULL: the row's */
};

struct surface_move {
    char *to, *low, *high; /* low NULL: the row's own end */
};

struct surface_macro {
    char *name, *label;
    struct surface_move *moves; /* the first says where the macro stands */
    unsigned moves_count;
};

struct surface_page {
    char *name, *label;
    char *code;   /* two characters, for assignment displays; NULL: the label's first */
    char **slots; /* paths; # stands for each of its numbers */
    unsigned slots_count;
    struct surface_assign *assign;
    unsigned assign_count;
};

struct surface_profile {
    char *name;  /* the file's without .yaml */
    char *label; /* "Behringer X-Touch Mini" */
    char **usb;
    unsigned usb_count;
    char **match; /* found in the ALSA client's or port's name, any case, also as a part of a word */
    unsigned match_count;
    int port; /* of the device's MIDI ports, from 0 */
    enum surface_takeover takeover;
    enum surface_handshake handshake;
    char **hello; /* a message that begins so says that the box has just come up: tell it all */
    unsigned hello_count;
    char **init, **bye; /* bytes, "B0 7F 00" */
    unsigned init_count, bye_count;
    int gap_us;       /* between messages; 0: none */
    int gap_status;   /* gap_us is only after messages that begin with this byte; 0: after all */
    int sysex_gap_us; /* after a sysex; left out: 5000 */
    int byte_gap_us;  /* after each byte of a sysex, instead where it is longer */
    char *keep_alive; /* bytes */
    int keep_alive_ms;
    struct surface_control *controls;
    unsigned controls_count;
    struct surface_macro *macros;
    unsigned macros_count;
    struct surface_assign *assign; /* on all pages */
    unsigned assign_count;
    struct surface_page *pages; /* at least one */
    unsigned pages_count;
    char *source, *notes;
};

struct faults;

/* All but the name, which belongs to the folder (profile.h). What the file leaves out is filled in as the fields say.
   faults may be NULL: each thing that is wrong, with its line; e has the first. NOT_FOUND, BAD_ARG, NO_MEM. */
enum status surface_load(const char *path, struct surface_profile **p, struct faults *faults, struct err *e);
/* What knows the table's words (control/midi/pages.h) may look over the profile, too: `wrong` takes each thing with where
   it stands, "pages[2].assign[5].to", counted from 0. */
typedef void surface_wrong(void *context, const char *where, const struct err *e);
typedef bool surface_words(const struct surface_profile *p, surface_wrong *wrong, void *context);
enum status surface_load_words(const char *path, surface_words *words, struct surface_profile **p,
                               struct faults *faults, struct err *e);
/* The same of a text; name is what its lines are called by; words may be NULL. */
enum status surface_read(const char *name, const void *text, size_t size, surface_words *words,
                         struct surface_profile **p, struct faults *faults, struct err *e);
void surface_free(struct surface_profile *p); /* and its name; NULL is harmless */

/* The way that is used towards the box; NULL: nothing is sent. */
const struct surface_way *surface_out(const struct surface_control *c);
/* Of the group's n-th (from 0). */
int surface_way_number(const struct surface_way *w, int n);
int surface_way_channel(const struct surface_way *w, int n); /* 0..15 */
/* The largest raw value that the message can say: 127 or 16383. */
int surface_way_max(const struct surface_way *w);
/* "encoder/3"; group and n (from 0) of it. False: there is none of that name. */
bool surface_find(const struct surface_profile *p, const char *name, int *group, int *n);
/* "B0 7F 00" to bytes; -1: it is none, or more than size. */
int surface_bytes(const char *text, uint8_t *bytes, int size);

#endif

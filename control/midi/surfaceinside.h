/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * surfaceinside: what surface's files share.
 *
 *   surface.c       the public face: messages in, ticks, what is told
 *   surfacemove.c   what a hand does becomes moves of rows
 *   surfacepress.c  and what a button does
 *   surfaceplace.c  where rows stand on the ways of controls
 *   surfaceecho.c   what comes back of what was sent
 *   surfacehello.c  how a box is greeted, and takes leave
 *   surfacefeed.c   what controls show
 *   surfacetext.c   what displays show
 *   surfacemap.c    what JACK's midi_in can move by itself
 */
#ifndef CONTROL_MIDI_SURFACEINSIDE_H
#define CONTROL_MIDI_SURFACEINSIDE_H

#include "control/midi/outbox.h"
#include "control/midi/pages.h"
#include "control/midi/surface.h"
#include "engine/takeover.h"

#define SURFACE_MS    1000000LL
#define SURFACE_NEVER (INT64_MIN / 4) /* so long ago that the difference to now can still be told */

#define SURFACE_BREATH_NS (5 * SURFACE_MS)  /* between moves of one control, but for the first after a rest */
#define SURFACE_ECHO_NS   (50 * SURFACE_MS) /* what comes back so soon was not a hand */
#define SURFACE_CUT_NS    (2000 * SURFACE_MS) /* for so long a control in a loop is sent nothing */
#define SURFACE_MOTOR_NS  (500 * SURFACE_MS)  /* for so long a motor may travel */
#define SURFACE_SHOW_NS   (1000 * SURFACE_MS) /* for so long a display shows what has moved */
#define SURFACE_LIVE_NS   (50 * SURFACE_MS)   /* between readings */

enum {
    SURFACE_PRESSES = 4, /* of one button that count, in SURFACE_PACE_NS */
    SURFACE_SHOWS = 4,   /* times that all controls are shown in it */
    SURFACE_NEWS = 8,
    SURFACE_ECHOES = 20 /* in a second are a loop */
};
#define SURFACE_PACE_NS (10 * SURFACE_MS)

struct pace { /* how often within SURFACE_PACE_NS */
    int64_t since_ns;
    int count;
};

struct control {
    int group, n; /* n from 0 */
    const struct surface_control *c;
    int cell; /* the outbox's first for it: a display has one a row or digit; a ring that is told how to show, and a
                 meter with a lamp have two */
    struct pages_target on; /* what it stands for */
    int touch;              /* the control that says that a finger is on this; -1: none does */
    bool touched;           /* a finger is */
    bool live;              /* shows a reading */
    int64_t moved_ns;       /* by hand, last; */
    int64_t shown_ns;       /* and when its display last had a reason to show it */
    bool owed; /* it shows what the hand made of it, not the row: to be told when the hand is off */
    struct takeover takeover;
    int steps;        /* of its last value: as fine as it is */
    bool followed;    /* the process thread has moved its row */
    double rest;      /* of a tick that was no whole value yet */
    double added;     /* `by`: what the row was last set to, */
    int64_t added_ns; /* and when: its base follows later */

    /* What came too soon after the last move. */
    bool waits, waits_ticks;
    double to, ticks;
    uint64_t frame;
    int64_t acted_ns, flushed_ns;
    struct pace presses;

    bool pressed, fine;
    const char *layer; /* that it holds */

    int64_t sent_ns;   /* the last message that left for it */
    int64_t echo_ns;   /* the last of them that came back; */
    int64_t echoes_ns; /* since when they are counted */
    int echoes;
    int64_t cut_ns; /* nothing is sent to it before */
};

/* Channel messages by status and, where one says of what, their first byte. */
enum { ECHO_PLACES = 7 * 16 * 128 };

struct echo {
    int64_t sent_ns[ECHO_PLACES];
    uint16_t value[ECHO_PLACES];  /* the last that was sent */
    int16_t control[ECHO_PLACES]; /* for whom; -1: nobody */
};

struct greeting { /* bytes of the profile's */
    uint8_t bytes[SURFACE_BYTES];
    int size;
};

struct hello {
    struct greeting *begins; /* messages that say that the box has just come up */
    int begins_count;
    struct greeting keep_alive;
    uint8_t header[5]; /* of Mackie's messages */
    int64_t init_ns, alive_ns, resync_ns;
    bool resync; /* is due */
};

struct surface {
    const struct surface_profile *p;
    struct engine *engine;
    const struct midi_port *port;
    struct midi_port out; /* ours, which notes what leaves */
    char hand[64];
    struct codec *codec;
    struct pages *pages;
    struct outbox *outbox;
    int64_t now_ns;

    struct control *control;
    int controls;
    int *at; /* of each group: its first */
    int cells, cell_colours, cell_hello;

    int fine; /* buttons that hold it */
    bool values;
    struct echo *echo;
    int64_t loop_ns; /* the last echo */
    bool loop_told;
    struct hello hello;

    bool stale; /* something that no counter counts has changed */
    uint64_t seen_changes, seen_pages;
    struct pace shows;
    int64_t due_ns; /* when something is to be shown only because time has passed */
    int64_t live_ns;
    bool any_live;

    surface_learner *learner;
    void *learner_context;
    uint64_t map_changes;
    struct surface_counts counts;
    struct err news[SURFACE_NEWS];
    int news_first, news_count;
    int64_t refused_ns;
};

/* --- surface.c */
struct control *surface_control_at(struct surface *s, int group, int n); /* NULL: there is none */
void surface_tell(struct surface *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
int surface_control_cells(const struct surface_control *c);
/* Once the pages have changed: each control's target anew. */
void surface_retarget(struct surface *s);
void surface_tell_all(struct surface *s); /* the outbox forgets what the box was told */
const char *surface_control_name(const struct control *k, char *name, size_t size); /* "fader/3" */
bool pace_allows(struct pace *p, int64_t now_ns, int most);

/* --- surfaceplace.c */
/* Does it stand for something that has a place: a row or a macro? */
bool surface_has_place(const struct surface *s, const struct pages_target *t);
/* The row; of a macro its first. -1: none. */
int surface_row(const struct surface *s, const struct pages_target *t);
/* Where it is on the way: 0..1, or beyond it. */
double surface_place(const struct surface *s, const struct pages_target *t);
/* What the row gets at a place of the way 0..1. */
double surface_value_at(const struct param *row, const struct pages_target *t, double place);
bool surface_is_stepped(const struct param *row); /* has whole values only */
bool surface_can_move(const struct param *row);
/* The hand gives a row a value. False: the engine refuses. */
bool surface_set(struct surface *s, int param, double value, uint64_t frame);
/* All rows of a target go to a place. */
bool surface_set_place(struct surface *s, const struct pages_target *t, double place, uint64_t frame);
/* Its hand can't be told where the row is: it must take the row over. */
bool surface_takes_over(const struct control *k);
enum surface_takeover surface_takeover_of(const struct surface *s, const struct control *k);
bool surface_holds(const struct surface *s, const struct control *k);

/* --- surfacemove.c, surfacepress.c */
void surface_take_value(struct surface *s, struct control *k, const struct codec_event *e, uint64_t frame,
                        bool moved);
void surface_take_ticks(struct surface *s, struct control *k, double ticks, uint64_t frame, bool moved);
void surface_flush(struct surface *s); /* what waits, where it is time */
void surface_note_hand(struct surface *s, struct control *k);
void surface_take_button(struct surface *s, struct control *k, enum codec_what what, uint64_t frame);
void surface_add(struct surface *s, struct control *k, double count, uint64_t frame); /* `by` */
void surface_step(struct surface *s, const struct pages_target *t, int by);           /* page, bank, slot */
void surface_let_go(struct surface *s, struct control *k); /* of a layer, of fine */

/* --- surfaceecho.c */
enum status surface_echo_open(struct surface *s);
struct midi_port surface_echo_port(struct surface *s);
/* What a channel message is about: 0 .. ECHO_PLACES - 1; -1: it is another. */
int surface_message_place(const uint8_t *bytes, size_t size);
/* Has this just been sent? For which control: -1: for none of the profile's. */
bool surface_is_echo(const struct surface *s, const uint8_t *bytes, size_t size, int *control);
void surface_count_echo(struct surface *s, struct control *k);
/* The motor says where it is, not a hand. */
bool surface_is_motor(const struct surface *s, const struct control *k);

/* --- surfacehello.c */
enum status surface_hello_open(struct surface *s);
int surface_hello_cells(const struct surface_profile *p);
void surface_hello_close(struct surface *s);
/* Does the message greet? Then it is answered. */
bool surface_hear_hello(struct surface *s, const uint8_t *bytes, size_t size);
void surface_say_hello(struct surface *s);
void surface_say_bye(struct surface *s);
void surface_hello_tick(struct surface *s);

/* --- surfacefeed.c, surfacetext.c */
void surface_feed(struct surface *s);
bool surface_hand_is_on(const struct surface *s, const struct control *k);
bool surface_is_lit(const struct surface *s, const struct control *k);
void surface_feed_texts(struct surface *s);
/* Has it moved just now? */
bool surface_is_shown(const struct surface *s, const struct control *k);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/boxes/partner.h"

#include "control/midi/codec.h"
#include "test/boxes/box.h"

#define MS 1000000LL

struct scout { /* a hand on the box */
    const struct surface_profile *profile;
    struct codec *codec;
    struct box *box;
    int64_t now_ns;
    int group, m; /* who spoke; touches do not count */
};

static void
overhear(void *context, const uint8_t *bytes, size_t size, int64_t now_ns)
{
    struct scout *s = context;
    struct codec_event event[8];
    int n;

    (void)now_ns;
    if (!s->codec)
        return;
    n = codec_read(s->codec, bytes, size, s->now_ns, event, (int)LEN(event));
    for (int i = 0; i < n; i++)
        if (s->profile->controls[event[i].group].kind != SURFACE_TOUCH) {
            s->group = event[i].group;
            s->m = event[i].n;
        }
}

static void
send_words(struct scout *s, char **words, unsigned count)
{
    uint8_t bytes[SURFACE_BYTES];

    for (unsigned i = 0; i < count; i++) {
        int size = surface_bytes(words[i], bytes, sizeof bytes);

        box_receive(s->box, bytes, size > 0 ? (size_t)size : 0, s->now_ns += 20 * MS);
    }
}

static bool
has_hand(enum box_kind kind)
{
    return kind != BOX_LAMP && kind != BOX_METER && kind != BOX_TEXT && kind != BOX_DIGITS;
}

/* What a fader says at its end, an encoder at its first tick, a button when it is pressed. */
static void
scout_one(struct scout *s, struct partner *k)
{
    enum box_kind kind = box_control(s->box, k->c)->kind;

    s->now_ns += 500 * MS;
    if (s->profile->keep_alive)
        send_words(s, (char **)&s->profile->keep_alive, 1);
    s->group = -1;
    box_tick(s->box, s->now_ns);
    if (kind == BOX_FADER || kind == BOX_POT) {
        box_move(s->box, k->c, k->n, 1, s->now_ns);
        box_touch(s->box, k->c, k->n, false, s->now_ns);
    } else if (kind == BOX_BUTTON) {
        box_press(s->box, k->c, k->n, true, s->now_ns);
        box_press(s->box, k->c, k->n, false, s->now_ns);
    } else {
        box_turn(s->box, k->c, k->n, 1, s->now_ns);
        for (int i = 0; i < 50; i++) /* some take their time */
            box_tick(s->box, s->now_ns += 10 * MS);
    }
    k->group = s->group;
    k->m = s->m;
}

static int
scout_all(struct scout *s, struct partner *p, int most, struct err *e)
{
    int count = 0;

    for (int c = 0; c < box_controls(s->box); c++)
        for (int n = 0; has_hand(box_control(s->box, c)->kind) && n < box_control(s->box, c)->count; n++) {
            if (count == most) {
                err_set(e, "the box has more than %d controls", most);
                return -1;
            }
            p[count] = (struct partner){.c = c, .n = n};
            scout_one(s, &p[count++]);
        }
    return count;
}

/* Each control of the profile that sends must have one of the box that says so. */
static bool
all_found(const struct surface_profile *profile, const struct partner *p, int count, struct err *e)
{
    for (unsigned g = 0; g < profile->controls_count; g++) {
        const struct surface_control *c = &profile->controls[g];

        for (int m = 0; c->in && c->kind != SURFACE_TOUCH && m < c->count; m++) {
            bool found = false;

            for (int i = 0; i < count && !found; i++)
                found = p[i].group == (int)g && p[i].m == m;
            if (!found)
                return err_set(e, "%s/%d: no control of the box says what the profile waits for", c->name,
                               m + 1);
        }
    }
    return true;
}

int
partner_find(struct partner *p, int most, const char *model, const struct surface_profile *profile,
             struct err *e)
{
    struct scout s = {.profile = profile};
    int count = -1;

    s.box = box_open(model, overhear, &s, 0);
    if (!s.box) {
        err_set(e, "there is no box %s", model);
        return -1;
    }
    send_words(&s, profile->init, profile->init_count);
    if (box_fault(s.box))
        err_set(e, "init: %s", box_fault(s.box));
    else if (codec_open(&s.codec, profile) != OK)
        err_set(e, "no memory");
    else
        count = scout_all(&s, p, most, e);
    codec_close(s.codec);
    box_close(s.box);
    return count >= 0 && all_found(profile, p, count, e) ? count : -1;
}

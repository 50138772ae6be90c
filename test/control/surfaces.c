/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who comes, goes and comes back. Devices are what a made-up /proc says; this program is started again as the bridge to each, and
 * carries datagrams: what is sent to BOXES/PORT is what the box says, what the box hears goes to BOXES/desk.
 */
#include "control/midi/surfaces.h"

#include "test/control/fake_engine.h"
#include "test/kit/tree.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

enum { SOCKET = 3, PATIENCE_MS = 20000 };

#define MS   INT64_C(1000000)
#define HEAD "Client info\n  cur  clients : 5\n  peak clients : 5\n  max  clients : 192\n\n"
#define CLIENT(number, name)                                                                                 \
    "Client  " number " : \"" name "\" [Kernel Legacy]\n  Port   0 : \"" name " MIDI 1\" (RWeX)\n"

static const char box[] =
    "label: \"A box\"\nmatch: [\"Knobs\"]\nsource: \"a test\"\n"
    "init: [\"B0 7F 01\"]\n"
    "controls:\n"
    "  - {name: knob, kind: encoder, count: 2, in: {message: cc, number: 16}, style: value}\n"
    "pages:\n"
    "  - name: eq\n    label: \"EQ\"\n    assign:\n      - {control: knob, to: \"/eq/#/gain\"}\n"
    "  - name: comp\n    label: \"Comp\"\n    assign:\n"
    "      - {control: knob/1, to: /comp/ratio}\n";

/* --- the other end ------------------------------------------------------------------------------------ */

static struct sockaddr_un
address_of(const char *name)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    snprintf(a.sun_path, sizeof a.sun_path, "%s/%s", getenv("BOXES"), name);
    return a;
}

static int
bind_to(const char *name)
{
    struct sockaddr_un a = address_of(name);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    unlink(a.sun_path);
    return bind(fd, (struct sockaddr *)&a, sizeof a) == 0 ? fd : -1;
}

/* Called after the port that it was started for, "36:0". Ends with its socket, or when the box is told F7 alone. */
static int
play(const char *port)
{
    struct sockaddr_un desk = address_of("desk");
    int fd = bind_to(port);

    if (fd < 0 || sendto(fd, "here", 4, 0, (struct sockaddr *)&desk, sizeof desk) < 0)
        return 2;
    for (;;) {
        struct pollfd p[2] = {{.fd = SOCKET, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
        uint8_t bytes[1024];
        ssize_t n;

        poll(p, 2, -1);
        if (p[1].revents && (n = recv(fd, bytes, sizeof bytes, 0)) > 0) {
            if (n == 1 && bytes[0] == 0xF7)
                return 1;
            send(SOCKET, bytes, (size_t)n, MSG_NOSIGNAL);
        }
        if (p[0].revents) {
            n = recv(SOCKET, bytes, sizeof bytes, 0);
            if (n <= 0)
                return 0;
            sendto(fd, bytes, (size_t)n, 0, (struct sockaddr *)&desk, sizeof desk);
        }
    }
}

/* --- our end ------------------------------------------------------------------------------------------ */

static struct {
    struct engine *engine;
    struct loop *loop;
    struct surfaces *surfaces;
    struct surfaces_choices choices;
    char profiles[64], boxes[64], root[64];
    int desk;
    int64_t now_ns;
    char news[4096];
    int heard; /* messages that boxes heard */
    uint8_t last[3];
} t;

static int
begin(void **state)
{
    memset(&t, 0, sizeof t);
    if (tree_make(state))
        return 1;
    snprintf(t.profiles, sizeof t.profiles, "%s/hw-profiles", tree_root);
    snprintf(t.boxes, sizeof t.boxes, "%s/boxes", tree_root);
    snprintf(t.root, sizeof t.root, "%s/root", tree_root);
    tree_put("hw-profiles/interfaces/none.yaml", "");
    tree_put("hw-profiles/surfaces/box.yaml", box);
    tree_put("boxes/none.txt", "");
    setenv("BOXES", t.boxes, 1);
    setenv("XDG_CONFIG_HOME", tree_path("home"), 1);
    tree_put("root/proc/asound/seq/clients", HEAD);
    t.desk = bind_to("desk");
    t.engine = fake_engine_open();
    t.choices = (struct surfaces_choices){.profile_dir = t.profiles, .root = t.root};
    return loop_open(&t.loop) != OK || t.desk < 0;
}

static int
end(void **state)
{
    surfaces_close(t.surfaces);
    loop_close(t.loop);
    fake_engine_close(t.engine);
    close(t.desk);
    return tree_remove(state);
}

static void
open_surfaces(const char *asked)
{
    struct err e;

    if (asked)
        t.choices.asked[t.choices.nasked++] = asked;
    if (surfaces_open(&t.surfaces, &t.choices, t.engine, t.loop, t.now_ns, &e) != OK)
        fail_msg("%s", e.text);
}

/* What boxes hear is counted, but for their own hello. */
static void
overhear(void)
{
    uint8_t bytes[1024];
    ssize_t n;

    while ((n = recv(t.desk, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
        if (n == 3) {
            t.heard++;
            memcpy(t.last, bytes, 3);
        }
}

static void
pass(int ms)
{
    const char *line;

    for (int i = 0; i < ms; i += 10) {
        t.now_ns += 10 * MS;
        loop_wait(t.loop, 1);
        surfaces_tick(t.surfaces, t.now_ns);
        while ((line = surfaces_news(t.surfaces)))
            snprintf(t.news + strlen(t.news), sizeof t.news - strlen(t.news), "%s\n", line);
        overhear();
    }
}

static void
plug(const char *clients)
{
    tree_put("root/proc/asound/seq/clients", clients);
}

static void
plug_card(int card, const char *place)
{
    char name[128], device[64];

    snprintf(name, sizeof name, "root/sys/class/sound/card%d/number", card);
    tree_put(name, "0\n");
    snprintf(name, sizeof name, "root/sys/class/sound/card%d/device", card);
    snprintf(device, sizeof device, "../../../%s:1.0", place);
    unlink(tree_path(name));
    assert_int_equal(symlink(device, tree_path(name)), 0);
}

/* Time passes until it is so, the boxes' processes being as slow as they may. */
static void
await(bool (*is_so)(const void *), const void *what)
{
    for (int i = 0; i < PATIENCE_MS && !is_so(what); i++)
        pass(10);
    assert_true(is_so(what));
}

static bool
is_heard(const void *count)
{
    return t.heard >= *(const int *)count;
}

static bool
is_told(const void *line)
{
    return strstr(t.news, line) != NULL;
}

struct wanted {
    const char *path;
    double value;
};

static bool
is_set(const void *what)
{
    const struct wanted *w = what;
    double value = fake_engine_value(t.engine, w->path);

    return value > w->value - 0.2 && value < w->value + 0.2;
}

static const char *
row(const char *path)
{
    return engine_get_text(t.engine, param_find(path));
}

/* The box at that port does. */
static void
say(const char *port, const uint8_t *bytes, size_t size)
{
    struct sockaddr_un a = address_of(port);

    assert_int_equal(sendto(t.desk, bytes, size, 0, (struct sockaddr *)&a, sizeof a), size);
}

static void
turn(const char *port, int number, int value)
{
    uint8_t bytes[3] = {0xB0, (uint8_t)number, (uint8_t)value};

    say(port, bytes, sizeof bytes);
}

/* A box of box.yaml is told three things: its hello, and where two knobs stand. */
static void
await_heard(int count)
{
    await(is_heard, &count);
    t.heard = 0;
}

static void
await_set(const char *path, double value)
{
    await(is_set, &(struct wanted){path, value});
}

/* --- tests -------------------------------------------------------------------------------------------- */

static void
a_known_box_is_spoken_to_and_an_unknown_one_left_alone(void **state)
{
    (void)state;
    plug(HEAD CLIENT("36", "Knobs One") CLIENT("40", "Somebody Else"));
    open_surfaces(NULL);
    await_heard(3);
    assert_string_equal(row("/surface/1/name"), "Knobs One");
    assert_string_equal(row("/surface/1/profile"), "box");
    assert_string_equal(row("/surface/1/page"), "eq");
    assert_string_equal(row("/surface/2/name"), "");
    turn("36:0", 16, 127);
    await_set("/eq/1/gain", 24.0);
    assert_string_equal(fake_engine_set(t.engine, -1)->by, "midi Knobs One");
    assert_non_null(strstr(t.news, "surface Knobs One is there: A box, page eq"));
}

static void
a_box_that_comes_later_is_seen_within_two_seconds(void **state)
{
    (void)state;
    open_surfaces(NULL);
    pass(1000);
    plug(HEAD CLIENT("36", "Knobs One"));
    pass(1000); /* of the clock that is passed in: looking comes each half second */
    assert_string_equal(row("/surface/1/name"), "Knobs One");
    plug(HEAD);
    pass(1000);
    assert_string_equal(row("/surface/1/name"), "");
    assert_non_null(strstr(t.news, "surface Knobs One is gone"));
}

static void
one_that_leaves_disturbs_no_other(void **state)
{
    (void)state;
    plug(HEAD CLIENT("36", "Knobs One") CLIENT("40", "Knobs One"));
    open_surfaces(NULL);
    await_heard(6);
    assert_string_equal(row("/surface/1/name"), "Knobs One");
    assert_string_equal(row("/surface/2/name"), "Knobs One 2");
    plug(HEAD CLIENT("40", "Knobs One"));
    for (int i = 0; i < 20; i++) {
        turn("40:0", 16, i);
        pass(100);
    }
    await_set("/eq/1/gain", -24.0 + 48.0 * 19 / 127);
    assert_string_equal(fake_engine_set(t.engine, -1)->by, "midi Knobs One 2");
    assert_string_equal(row("/surface/1/name"), "");
    assert_int_equal(t.engine->nsets, 20); /* not one of them was lost */
}

static void
who_comes_back_to_its_socket_opens_the_page_that_it_showed(void **state)
{
    (void)state;
    plug_card(5, "3-1");
    plug_card(6, "4-1");
    plug(HEAD CLIENT("36", "Knobs One") CLIENT("40", "Knobs One"));
    open_surfaces(NULL);
    await_heard(6);
    engine_set_text(t.engine, param_find("/surface/2/page"), "comp", "tablet", NULL);
    pass(50);
    plug(HEAD);
    pass(1000);
    t.heard = 0;
    plug_card(5, "4-1"); /* plugged in the other way round: it is the socket that counts */
    plug_card(6, "3-1");
    plug(HEAD CLIENT("36", "Knobs One") CLIENT("40", "Knobs One"));
    await_heard(6); /* all of it again */
    assert_string_equal(row("/surface/1/page"), "comp");
    assert_string_equal(row("/surface/2/page"), "eq");
}

static void
a_bridge_that_ends_is_told_and_built_again(void **state)
{
    static const uint8_t last = 0xF7;

    (void)state;
    plug(HEAD CLIENT("36", "Knobs One"));
    open_surfaces(NULL);
    await_heard(3);
    say("36:0", &last, 1);
    await(is_told, "surface Knobs One: ");
    await_heard(3);
    turn("36:0", 17, 0);
    await_set("/eq/2/gain", -24.0);
}

static void
what_is_asked_for_by_words_goes_before_what_fits(void **state)
{
    (void)state;
    tree_put(
        "hw-profiles/surfaces/other.yaml",
        "label: Other\nsource: \"a test\"\ncontrols:\n"
        "  - {name: knob, kind: pot, in: {message: cc, number: 1}}\n"
        "pages:\n  - name: one\n    label: One\n    assign:\n      - {control: knob, to: /comp/attack}\n");
    plug(HEAD CLIENT("36", "Knobs One") CLIENT("40", "Somebody Else"));
    t.choices.asked[t.choices.nasked++] = "other=somebody";
    open_surfaces("none");
    pass(100);
    assert_string_equal(row("/surface/1/name"), "Somebody Else");
    assert_string_equal(row("/surface/1/profile"), "other");
    assert_string_equal(row("/surface/2/name"), "");
}

static void
an_unknown_profile_is_wrong_use(void **state)
{
    struct err e;

    (void)state;
    t.choices.asked[t.choices.nasked++] = "bax";
    assert_int_equal(surfaces_open(&t.surfaces, &t.choices, t.engine, t.loop, 0, &e), BAD_ARG);
    assert_null(t.surfaces);
    assert_non_null(strstr(e.text, "--surface"));
    assert_non_null(strstr(e.text, "'box'"));
}

/* On midi_in a map moves what it can, and its messages are not moved a second time. */
static void
jack_has_a_surface_of_its_own(void **state)
{
    static const uint8_t up[] = {0xB0, 16, 127}, down[] = {0xB0, 16, 0};

    (void)state;
    open_surfaces("box=jack");
    pass(50);
    assert_string_equal(row("/surface/1/name"), "jack");
    assert_int_equal(t.engine->mapped, 2);
    assert_int_equal(t.engine->nout, 3);
    fake_engine_midi(t.engine, up, sizeof up, false);
    pass(50);
    assert_true(is_set(&(struct wanted){"/eq/1/gain", 24.0}));
    assert_string_equal(fake_engine_set(t.engine, -1)->by, "midi jack");
    fake_engine_midi(t.engine, down, sizeof down, true);
    pass(50);
    assert_int_equal(t.engine->nsets, 1);
    pass(500); /* the hand is off, and is told where the row is */
    t.engine->nout = 0;
    snprintf(t.engine->other, sizeof t.engine->other, "alsa_midi:Knobs");
    pass(1000); /* who is newly connected has heard nothing yet */
    assert_int_equal(t.engine->nout, 3);
    snprintf(t.engine->hearer, sizeof t.engine->hearer, "alsa_midi:Knobs in");
    pass(1000); /* what was said before the second cable was there, either */
    assert_int_equal(t.engine->nout, 6);
    t.engine->hearer[0] = '\0';
    pass(1000);
    assert_int_equal(t.engine->nout, 6);
}

static void
a_page_that_is_not_there_is_said_and_not_shown(void **state)
{
    (void)state;
    open_surfaces("box=jack");
    pass(50);
    engine_set_text(t.engine, param_find("/surface/1/page"), "nowhere", "tablet", NULL);
    pass(50);
    assert_non_null(strstr(t.news, "no page 'nowhere'"));
    assert_string_equal(row("/surface/1/page"), "eq");
    engine_set_text(t.engine, param_find("/surface/1/page"), "comp", "tablet", NULL);
    pass(50);
    assert_string_equal(row("/surface/1/page"), "comp");
}

static void
move_up_and_down(const char *port, int number)
{
    for (int v = 10; v < 90; v += 5) {
        turn(port, number, v);
        pass(10);
    }
    for (int v = 90; v > 10; v -= 5) {
        turn(port, number, v);
        pass(10);
    }
}

/* A box that nobody knows is listened to while somebody learns; then it is known. */
static void
a_box_is_learnt(void **state)
{
    (void)state;
    plug_card(5, "3-1");
    plug(HEAD CLIENT("36", "Sliders"));
    open_surfaces("none");
    t.choices.nasked = 0;
    pass(1000);
    assert_string_equal(row("/surface/1/name"), "");
    surfaces_close(t.surfaces);
    open_surfaces(NULL);
    fake_engine_move(t.engine, "/surface/learn/on", 1.0);
    pass(200);
    assert_string_equal(row("/surface/1/name"), "Sliders");
    assert_non_null(strstr(row("/surface/learn/said"), "touch a control"));
    while (access(address_of("36:0").sun_path, F_OK))
        pass(10); /* its process comes up */
    move_up_and_down("36:0", 70);
    pass(1000);
    assert_non_null(strstr(row("/surface/learn/said"), "CC 70"));
    fake_engine_move(t.engine, "/comp/attack", 30.0);
    await(is_told, "written to");
    assert_int_equal(t.engine->nsets, 0); /* nothing was moved by it */
    fake_engine_move(t.engine, "/surface/learn/on", 0.0);
    pass(200);
    assert_string_equal(row("/surface/1/profile"), "sliders");
    fake_engine_move(t.engine, "/comp/attack", 0.1); /* where the knob can take it */
    while (access(address_of("36:0").sun_path, F_OK))
        pass(10);
    for (int v = 10; v >= 0; v--) {
        turn("36:0", 70, v);
        pass(20);
    }
    turn("36:0", 70, 127);
    await_set("/comp/attack", 200.0);
}

static void
learning_refuses_what_no_control_can_set(void **state)
{
    (void)state;
    open_surfaces("box=jack");
    fake_engine_move(t.engine, "/surface/learn/on", 1.0);
    engine_set_text(t.engine, param_find("/surface/learn/to"), "/chain/preset", "tablet", NULL);
    pass(50);
    assert_non_null(strstr(t.news, "/surface/learn/to: /chain/preset"));
    assert_string_equal(row("/surface/learn/to"), "");
}

#define T(test) cmocka_unit_test_setup_teardown(test, begin, end)

int
main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        T(a_known_box_is_spoken_to_and_an_unknown_one_left_alone),
        T(a_box_that_comes_later_is_seen_within_two_seconds),
        T(one_that_leaves_disturbs_no_other),
        T(who_comes_back_to_its_socket_opens_the_page_that_it_showed),
        T(a_bridge_that_ends_is_told_and_built_again),
        T(what_is_asked_for_by_words_goes_before_what_fits),
        T(an_unknown_profile_is_wrong_use),
        T(jack_has_a_surface_of_its_own),
        T(a_page_that_is_not_there_is_said_and_not_shown),
        T(a_box_is_learnt),
        T(learning_refuses_what_no_control_can_set),
    };

    if (argc > 3 && strcmp(argv[1], "midi-bridge") == 0)
        return play(argv[3]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

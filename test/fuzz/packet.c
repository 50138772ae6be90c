/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * packet: bytes as one OSC packet. What is read and written again reads the same; a bad one hands on nothing.
 */
#include "test/fuzz/fuzz.h"

#include "control/packet.h"
#include "control/pattern.h"
#include "control/wire.h"
#include "engine/params.h"

#include <string.h>

static int handed;

static bool
same_number(double a, double b)
{
    return a == b || (a != a && b != b);
}

static void
check_again(void *context, const struct packet_message *m)
{
    const struct packet_message *first = context;

    assert(strncmp(m->path, "/again", 6) == 0);
    assert(m->nargs == first->nargs);
    for (int i = 0; i < m->nargs && i < PACKET_ARGS; i++) {
        assert(m->arg[i].type == first->arg[i].type);
        assert(same_number(m->arg[i].number, first->arg[i].number));
        assert(!m->arg[i].text == !first->arg[i].text);
        assert(!m->arg[i].text || strcmp(m->arg[i].text, first->arg[i].text) == 0);
    }
    handed++;
}

static void
check_values(const struct packet_message *m)
{
    char path[WIRE_PATH_SIZE];
    bool norm = false;
    int id = wire_cut_norm(m->path, path, &norm) ? param_find(path) : -1;
    const char *text = NULL;
    double value = 0.0;
    struct err e = {""};

    if (m->nargs < 0)
        return;
    if (id < 0)
        id = (int)(strlen(m->path) * 7 % (size_t)params_count());
    if (!wire_is_question(m) && wire_read(param_at(id), norm, m, &value, &text, &e) == WIRE_BAD)
        assert(e.text[0]);
    assert(value - value == 0.0 || param_is_number(param_at(id)));
}

static void
check(void *context, const struct packet_message *m)
{
    struct packet_writer w;
    struct pattern pattern;
    struct err e;
    int before;

    (void)context;
    assert(m->path[0] == '/');
    check_values(m);
    if (pattern_compile(&pattern, m->path, &e))
        for (int id = 0; id < params_count(); id += 97)
            pattern_match(&pattern, param_at(id)->path);
    packet_message(&w);
    before = handed;
    if (m->nargs >= 0 && m->nargs <= PACKET_ARGS && packet_add_echo(&w, "/again", m, NULL, 0)) {
        assert(packet_read(w.data, w.size, check_again, (void *)(uintptr_t)m));
        assert(handed == before + 1);
    }
    handed++;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    params_init();
    handed = 0;
    if (!packet_read(data, size, check, NULL))
        assert(handed == 0);
    return 0;
}

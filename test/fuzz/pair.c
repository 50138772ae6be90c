/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pair: the door under six hosts, a person who edits the file of the paired, and time. Nobody is in who has not sent the
 * code or been named in the file; a stranger is sent nothing larger than what it sent; what is remembered comes back.
 *
 * input    a byte (1: a file; 0: nothing is remembered), then records: a byte (low four bits: what; the others: who),
 *          then what it needs:
 *          0..3 a packet: two bytes of size, its bytes; 4 /pair with the code: a byte of size, the name
 *          5 time in 4 ms, squared; 6 let: 0 or 1; 7 revoked: a byte of size, who ("": all)
 *          8 the file is edited: a byte (1: others may write it), two bytes of size, its bytes; 9 the program ends and
 *          starts; 10 a pairing by HTTP with the code: as 4; 11 a pairing by HTTP: two texts of a byte of size, name and
 *          code; 12 a request with a token: whose; 13 a site: two texts, Host and Origin; 14 time in ms
 */
#include "test/fuzz/fuzz.h"

#include "control/door.h"
#include "control/pair.h"
#include "engine/errand.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    HOSTS = 6,
    TURNS = 64,
    LIST = DOOR_HOSTS * (DOOR_NAME_SIZE + ADDRESS_NAME_SIZE + 3),
    PORT = 9001,
    SETTLE = 60 /* ticks */
};

static const char *const text_of[HOSTS] = {"127.0.0.1",   "192.0.2.9",        "192.0.2.10",
                                           "2001:db8::1", "::ffff:192.0.2.9", "::1"};

static struct host {
    struct address at;
    bool here; /* loopback */
    bool may;  /* has sent the code, or the file has named it, and nobody has revoked it since */
    char token[DOOR_TOKEN_SIZE];
} host[HOSTS];

static char folder[64], file[80];
static struct door *door;
static bool keeps, edited; /* there is a file; somebody has changed it since the door read or wrote it */
static int64_t now_ns;
static uint32_t chance;

/* Errands are run as they are sent, so that an input does the same each time, and fast. */
enum status
errand_send(struct errand *e, void (*run)(void *), void *with)
{
    run(with);
    e->out = true;
    return OK;
}

bool
errand_is_out(const struct errand *e)
{
    return e->out;
}

bool
errand_back(struct errand *e)
{
    bool out = e->out;

    e->out = false;
    return out;
}

bool
errand_wait(struct errand *e)
{
    return errand_back(e);
}

/* The door's random numbers, so that an input does the same each time. */
ssize_t
getrandom(void *out, size_t n, unsigned flags)
{
    unsigned char *bytes = out;

    (void)flags;
    for (size_t i = 0; i < n; i++) {
        chance = chance * 1664525u + 1013904223u;
        bytes[i] = (unsigned char)(chance >> 24);
    }
    return (ssize_t)n;
}

/* A fuzzer need not wait for a disk. */
int
fsync(int fd)
{
    (void)fd;
    return 0;
}

/* --- what should be ---------------------------------------------------------------------------- */

static struct in6_addr
number_of(const char *text)
{
    struct in6_addr a = IN6ADDR_ANY_INIT;
    struct in_addr v4;

    if (inet_pton(AF_INET, text, &v4) == 1) {
        a.s6_addr[10] = a.s6_addr[11] = 0xff;
        memcpy(a.s6_addr + 12, &v4, 4);
    } else if (inet_pton(AF_INET6, text, &a) != 1)
        a = (struct in6_addr)IN6ADDR_ANY_INIT;
    return a;
}

static bool
same_host(const char *a, const char *b)
{
    struct in6_addr x = number_of(a), y = number_of(b), none = IN6ADDR_ANY_INIT;

    return memcmp(&x, &y, sizeof x) == 0 && memcmp(&x, &none, sizeof x) != 0;
}

/* Does a line of the file name it? */
static bool
file_names(const char *who)
{
    char line[4096], *address, *end;
    FILE *f = fopen(file, "r");
    bool found = false;

    while (f && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        address = line[0] == '#' ? NULL : strchr(line, '\t');
        end = address ? strchr(address + 1, '\t') : NULL;
        if (!end)
            continue;
        *end = '\0';
        found |= same_host(address + 1, who);
    }
    if (f)
        fclose(f);
    return found;
}

static bool
is_in(int i)
{
    return door_knows(door, &host[i].at);
}

static bool
same(int a, int b)
{
    return same_host(text_of[a], text_of[b]);
}

static void
let_in(int who)
{
    for (int i = 0; i < HOSTS; i++)
        host[i].may |= same(i, who);
}

/* What is on its way to the file is there, or refused: a file that somebody has spoiled stays as it is. */
static void
settle(void)
{
    bool idle = door_is_idle(door), told = false;
    struct err e;

    for (int i = 0; i < SETTLE && !told && !door_is_idle(door); i++) {
        told |= door_tick(door, now_ns, &e);
        assert(!told || e.text[0]);
    }
    edited &= idle || told || !door_is_idle(door);
}

static void
check_hosts(void)
{
    for (int i = 0; i < HOSTS; i++)
        assert(!is_in(i) || host[i].here || host[i].may);
}

/* The digits of a code as it was sent; "" when there is anything else in it. */
static void
digits(const char *code, char out[32])
{
    size_t n = 0;

    for (; *code && n < 31; code++)
        if (*code >= '0' && *code <= '9')
            out[n++] = *code;
        else if (*code != ' ' && *code != '-' && *code != '.')
            n = 31;
    out[n < 31 && !*code ? n : 0] = '\0';
}

static bool
is_code(const char *sent, const char *code)
{
    char a[32], b[32];

    digits(sent, a);
    digits(code, b);
    return b[0] && strcmp(a, b) == 0;
}

/* --- packets ----------------------------------------------------------------------------------- */

struct said {
    int who;
    const char *code;
    bool right; /* that it was the code */
};

static void
note_code(void *context, const struct packet_message *m)
{
    struct said *s = context;

    s->right |= strcmp(m->path, "/pair") == 0 && m->nargs > 0 && m->nargs <= 2 && m->arg[m->nargs - 1].text &&
                is_code(m->arg[m->nargs - 1].text, s->code);
}

static void
check_answer(void *context, const struct packet_message *m)
{
    const struct said *s = context;

    assert(host[s->who].here || strcmp(m->path, "/pair/code") != 0);
    assert(is_in(s->who) || strcmp(m->path, "/paired") != 0);
}

/* Of who is in. */
static void
message(void *context, const struct packet_message *m)
{
    struct said *s = context;
    struct packet_writer answer;
    bool was[HOSTS];

    for (int i = 0; i < HOSTS; i++)
        was[i] = is_in(i);
    if (!pair_message(door, &host[s->who].at, m, now_ns, &answer)) {
        assert(strcmp(m->path, "/pair") != 0 && strcmp(m->path, "/unpair") != 0);
        return;
    }
    if (answer.count && strcmp(m->path, "/unpair") != 0)
        assert(packet_read(answer.data, answer.size, check_answer, s));
    for (int i = 0; i < HOSTS; i++)
        assert(is_in(i) == was[i] || edited || (same(i, s->who) && strcmp(m->path, "/unpair") == 0));
}

static void
take(int who, const void *data, size_t size)
{
    struct said s = {who, NULL, false};
    char code[DOOR_CODE_SIZE];
    struct packet_writer answer = {.size = 0};
    bool before = is_in(who);
    enum pair_verdict verdict;

    snprintf(code, sizeof code, "%s", door_code(door, now_ns));
    s.code = code;
    verdict = pair_take(door, &host[who].at, data, size, now_ns, &answer);
    if (!before && is_in(who)) {
        assert(packet_read(data, size, note_code, &s) && s.right);
        assert(!door_code(door, now_ns)[0]);
        let_in(who);
    }
    assert(verdict != PAIR_IN || before);
    if (verdict == PAIR_ANSWER) {
        assert(!before && answer.count == 1 && answer.size <= size);
        assert(packet_read(answer.data, answer.size, check_answer, &s));
    }
    if (verdict == PAIR_IN)
        packet_read(data, size, message, &s);
    if (!host[who].here) /* who is not here opens nothing */
        assert(!door_code(door, now_ns)[0] || strcmp(door_code(door, now_ns), code) == 0);
}

static void
packet(struct feed *f, int who)
{
    unsigned high = feed_byte(f);
    size_t size;
    const uint8_t *data = feed_bytes(f, high << 8 | feed_byte(f), &size);
    uint8_t *exact = malloc(size ? size : 1);

    assert(exact);
    if (size)
        memcpy(exact, data, size);
    take(who, exact, size);
    free(exact);
}

static void
text(struct feed *f, char out[256])
{
    size_t size;
    const uint8_t *data = feed_bytes(f, feed_byte(f), &size);

    if (size)
        memcpy(out, data, size);
    out[size] = '\0';
}

static void
packet_with_code(struct feed *f, int who)
{
    char name[256];
    struct packet_arg arg[] = {{.type = 's', .text = name}, {.type = 's', .text = door_code(door, now_ns)}};
    struct packet_writer w;

    text(f, name);
    packet_message(&w);
    assert(packet_add(&w, "/pair", arg, LEN(arg)));
    take(who, w.data, w.size);
}

/* --- HTTP -------------------------------------------------------------------------------------- */

static void
pair_by_http(int who, const char *name, const char *code)
{
    char token[DOOR_TOKEN_SIZE], shown[DOOR_CODE_SIZE];
    bool before = is_in(who), paired;
    struct err e = {""};

    snprintf(shown, sizeof shown, "%s", door_code(door, now_ns));
    paired = door_pair(door, &host[who].at, name, code, token, now_ns, &e);
    assert(paired || e.text[0]);
    assert(strlen(token) == (paired && !host[who].here ? 32 : 0));
    assert(!paired || host[who].here || is_code(code, shown));
    assert(paired || before || !is_in(who));
    if (!paired || host[who].here)
        return;
    let_in(who);
    for (int i = 0; i < HOSTS; i++)
        if (same(i, who))
            memcpy(host[i].token, token, sizeof token);
    assert(is_in(who) && door_token(door, &host[who].at, token));
}

static void
token(int who, int whose)
{
    uint64_t before = door_counts(door)->bad_tokens;
    bool good = door_token(door, &host[who].at, host[whose].token);

    assert(!good || host[who].here || (is_in(who) && same(who, whose) && host[whose].token[0]));
    assert(good == (door_counts(door)->bad_tokens == before));
}

/* "NAME:PORT" alone, where NAME is one of ours. */
static bool
is_site(const char *site)
{
    static const char *const ours[] = {"localhost",   "127.0.0.1",   "::1",       "[::1]",
                                       "[localhost]", "[127.0.0.1]", "192.0.2.1", "[192.0.2.1]",
                                       "desk.local",  "[desk.local]"};
    const char *port = strrchr(site, ':');

    for (size_t i = 0; port && i < LEN(ours); i++)
        if (strlen(ours[i]) == (size_t)(port - site) && strncasecmp(ours[i], site, strlen(ours[i])) == 0)
            return strspn(port + 1, "0123456789") == strlen(port + 1) && atoi(port + 1) == PORT;
    return false;
}

static void
site(struct feed *f)
{
    static const char *const own[] = {"192.0.2.1", "desk.local", NULL};
    char name[256], origin[256];

    text(f, name);
    text(f, origin);
    if (!door_site(door, name, origin[0] ? origin : NULL, own, PORT))
        return;
    assert(is_site(name));
    assert(!origin[0] || (strncasecmp(origin, "http://", 7) == 0 && is_site(origin + 7)));
}

/* --- the desk ---------------------------------------------------------------------------------- */

static void
turn_out(const char *who)
{
    bool was[HOSTS], meant, other;
    char name[HOSTS][DOOR_NAME_SIZE] = {""};
    enum status status;
    struct err e = {""};

    for (int i = 0; i < HOSTS; i++) {
        was[i] = is_in(i);
        if (door_name(door, &host[i].at))
            snprintf(name[i], sizeof name[i], "%s", door_name(door, &host[i].at));
    }
    status = door_revoke(door, who, &e);
    assert((status == OK) == !e.text[0]);
    other = edited;
    settle();
    for (int i = 0; i < HOSTS; i++) {
        meant = strcmp(who, "*") == 0 || same_host(who, text_of[i]) || strcasecmp(who, name[i]) == 0;
        if (meant && !other) /* another name may have come with the file */
            assert(!is_in(i) || host[i].here);
        if (!meant && !other)
            assert(is_in(i) == was[i]);
        if (status == OK)
            host[i].may &= is_in(i);
    }
}

static void
edit(struct feed *f)
{
    unsigned mode = feed_byte(f) & 1 ? 0666 : 0600, high = feed_byte(f);
    size_t size;
    const uint8_t *data = feed_bytes(f, high << 8 | feed_byte(f), &size);
    int fd;

    if (!keeps)
        return;
    fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert(fd >= 0 && write(fd, data, size) == (ssize_t)size && fchmod(fd, mode) == 0);
    close(fd);
    edited = true;
    for (int i = 0; i < HOSTS; i++)
        host[i].may |= file_names(text_of[i]);
}

static void
let(bool open)
{
    struct err e = {""};
    enum status status = door_let(door, open, now_ns, &e);

    assert((status == OK) == !e.text[0]);
    assert((door_code(door, now_ns)[0] != '\0') == (open && status == OK));
    assert((door_left_s(door, now_ns) > 0.0) == (open && status == OK));
}

/* A file that is refused names its line, or whose it is. */
static void
check_complaint(const struct err *e)
{
    char *end;

    assert(strncmp(e->text, file, strlen(file)) == 0 && e->text[strlen(file)] == ':');
    if (strstr(e->text, "others can write it"))
        return;
    assert(strtol(e->text + strlen(file) + 1, &end, 10) >= 1 && strncmp(end, ": ", 2) == 0);
}

static void
start(void)
{
    struct err e = {""};

    if (door_open(&door, keeps ? file : "", NULL, &e) != OK) {
        check_complaint(&e);
        assert(unlink(file) == 0);
        assert(door_open(&door, file, NULL, &e) == OK);
    }
    for (int i = 0; i < HOSTS; i++) {
        host[i].may = keeps && file_names(text_of[i]);
        assert(is_in(i) == (host[i].here || host[i].may));
    }
    edited = false;
}

static void
restart(void)
{
    char before[LIST], after[LIST];
    bool settled;

    settle();
    settled = door_is_idle(door); /* else the file is spoiled, and it is tried again */
    door_list(door, before, sizeof before);
    door_close(door);
    if (keeps && !edited && settled) {
        start();
        door_list(door, after, sizeof after);
        assert(strcmp(before, after) == 0);
    } else
        start();
}

/* --- all of it --------------------------------------------------------------------------------- */

static void
clean_up(void)
{
    unlink(file);
    rmdir(folder);
}

static void
begin(void)
{
    struct stat st;

    snprintf(folder, sizeof folder, "%s/deadwax-fuzz-XXXXXX",
             stat("/dev/shm", &st) == 0 ? "/dev/shm" : "/tmp");
    assert(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/paired", folder);
    atexit(clean_up);
    for (int i = 0; i < HOSTS; i++) {
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)(4000 + i))};
        struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)(4000 + i))};

        if (inet_pton(AF_INET, text_of[i], &in.sin_addr) == 1)
            memcpy(&host[i].at.at, &in, host[i].at.size = sizeof in);
        else {
            assert(inet_pton(AF_INET6, text_of[i], &in6.sin6_addr) == 1);
            memcpy(&host[i].at.at, &in6, host[i].at.size = sizeof in6);
        }
        host[i].here = i == 0 || i == HOSTS - 1;
    }
}

static void
one(struct feed *f)
{
    unsigned op = feed_byte(f), byte;
    int who = (int)(op >> 4) % HOSTS;
    char name[256], code[256];

    switch (op & 15) {
    case 4: packet_with_code(f, who); break;
    case 5: byte = feed_byte(f), now_ns += INT64_C(4000000) * byte * byte; break;
    case 6: let(feed_byte(f) & 1); break;
    case 7: text(f, name), turn_out(name[0] ? name : "*"); break;
    case 8: edit(f); break;
    case 9: restart(); break;
    case 10:
        snprintf(code, sizeof code, "%s", door_code(door, now_ns));
        text(f, name), pair_by_http(who, name, code);
        break;
    case 11: text(f, name), text(f, code), pair_by_http(who, name, code); break;
    case 12: token(who, (int)(feed_byte(f) % HOSTS)); break;
    case 13: site(f); break;
    case 14: now_ns += INT64_C(1000000) * feed_byte(f); break;
    default: packet(f, who); break;
    }
    settle();
    check_hosts();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct feed f = {data, size};

    if (!folder[0])
        begin();
    unlink(file);
    keeps = feed_byte(&f) & 1;
    now_ns = INT64_C(1000000000);
    chance = 20261121;
    for (int i = 0; i < HOSTS; i++)
        host[i].token[0] = '\0';
    start();
    for (int turn = 0; f.left && turn < TURNS; turn++)
        one(&f);
    door_close(door);
    return 0;
}

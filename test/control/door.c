/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/door.h"

#include "control/pair.h"
#include "test/kit/dice.h"
#include "test/kit/tree.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define S     INT64_C(1000000000)
#define START (1000 * S)

static struct door *door;
static char paired[256];
static struct err news; /* of the door's ticks, the last */

/* The disk, which takes nothing while it is held. */
static pthread_mutex_t disk = PTHREAD_MUTEX_INITIALIZER;

int
fsync(int fd)
{
    (void)fd;
    pthread_mutex_lock(&disk);
    pthread_mutex_unlock(&disk);
    return 0;
}

/* Until nothing is on its way to the disk, or has failed. */
static void
settle(struct door *d, int64_t now)
{
    struct err e;

    news.text[0] = '\0';
    for (int i = 0; i < 5000 && !news.text[0] && !door_is_idle(d); i++) {
        if (door_tick(d, now, &e))
            news = e;
        usleep(1000);
    }
}

static struct address
from(const char *host, int port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    struct address a = {.size = sizeof in};

    if (inet_pton(AF_INET, host, &in.sin_addr) == 1) {
        memcpy(&a.at, &in, sizeof in);
        return a;
    }
    assert_int_equal(inet_pton(AF_INET6, host, &in6.sin6_addr), 1);
    memcpy(&a.at, &in6, a.size = sizeof in6);
    return a;
}

static bool
knows(const char *host)
{
    struct address a = from(host, 5005);

    return door_knows(door, &a);
}

static void
reopen(void)
{
    struct err e;

    door_close(door);
    assert_int_equal(door_open(&door, paired, NULL, &e), OK);
}

static int
set_up(void **state)
{
    struct err e;

    if (tree_make(state))
        return -1;
    snprintf(paired, sizeof paired, "%s", tree_path("config/deadwax/paired"));
    return door_open(&door, paired, NULL, &e) == OK ? 0 : -1;
}

static int
tear_down(void **state)
{
    door_close(door);
    return tree_remove(state);
}

/* A code of eight digits that is not the one shown. */
static const char *
wrong_code(int64_t now)
{
    static char code[DOOR_CODE_SIZE];

    snprintf(code, sizeof code, "%s", door_code(door, now));
    code[0] = code[0] == '9' ? '0' : (char)(code[0] + 1);
    return code;
}

static bool
try(const char *host, const char *name, const char *code, int64_t now)
{
    struct address a = from(host, 5005);
    struct err e;

    return door_pair(door, &a, name, code, NULL, now, &e);
}

static void
let(bool open, int64_t now)
{
    struct err e;

    assert_int_equal(door_let(door, open, now, &e), OK);
}

static void
pair(const char *host, const char *name)
{
    let(true, START);
    assert_true(try(host, name, door_code(door, START), START));
}

static void
token_for(const char *host, char token[DOOR_TOKEN_SIZE])
{
    struct address a = from(host, 5005);
    struct err e;

    let(true, START);
    assert_true(door_pair(door, &a, "page", door_code(door, START), token, START, &e));
    assert_int_equal(strlen(token), 32);
}

static bool
has_token(const char *host, const char *token)
{
    struct address a = from(host, 40000);

    return door_token(door, &a, token);
}

/* --- pairing -------------------------------------------------------------------------------------- */

static void
loopback_is_in_and_nobody_else(void **state)
{
    static const char *const in[] = {"127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"},
                             *const out[] = {
                                 "192.0.2.7",   "0.0.0.0",   "128.0.0.1",        "::",
                                 "2001:db8::1", "fe80::1",   "::ffff:192.0.2.7", "255.255.255.255",
                                 "::127.0.0.1", "1.0.0.127", "10.0.0.1"};

    (void)state;
    for (size_t i = 0; i < LEN(in); i++)
        assert_true(knows(in[i]));
    for (size_t i = 0; i < LEN(out); i++)
        if (knows(out[i]))
            fail_msg("%s is in", out[i]);
}

static void
the_code_pairs_one_host_at_any_port_and_works_once(void **state)
{
    char code[DOOR_CODE_SIZE];
    struct address other_port = from("192.0.2.7", 6666), as6 = from("::ffff:192.0.2.7", 1);

    (void)state;
    let(true, START);
    snprintf(code, sizeof code, "%s", door_code(door, START));
    assert_int_equal(strlen(code), 9);
    assert_int_equal(strspn(code, "0123456789-"), 9);
    assert_int_equal(code[4], '-');
    assert_true(try("192.0.2.7", "tablet", code, START + S));
    assert_true(knows("192.0.2.7"));
    assert_true(door_knows(door, &other_port));
    assert_true(door_knows(door, &as6));
    assert_string_equal(door_name(door, &other_port), "tablet");
    assert_false(knows("192.0.2.8"));
    assert_string_equal(door_code(door, START + S), "");
    assert_false(try("192.0.2.8", "thief", code, START + 2 * S));
    assert_int_equal(door_counts(door)->closed, 1);
    assert_int_equal(door_counts(door)->paired, 1);
    assert_false(knows("192.0.2.8"));
}

static void
a_code_may_be_written_with_or_without_its_gap(void **state)
{
    static const char *const forms[] = {"%.4s-%.4s", "%.4s%.4s", "%.4s %.4s", " %.4s.%.4s "};
    char code[DOOR_CODE_SIZE], host[32], form[32];

    (void)state;
    for (size_t i = 0; i < LEN(forms); i++) {
        let(true, START);
        snprintf(code, sizeof code, "%s", door_code(door, START));
        snprintf(form, sizeof form, forms[i], code, code + 5);
        snprintf(host, sizeof host, "192.0.2.%zu", 10 + i);
        assert_true(try(host, "x", form, START + (int64_t)i * 3 * S));
    }
}

static void
what_is_nearly_the_code_is_wrong(void **state)
{
    char code[DOOR_CODE_SIZE], bad[64];
    int64_t now = START;

    (void)state;
    for (int i = 0; i < 6; i++, now += 10 * S) {
        let(true, now);
        snprintf(code, sizeof code, "%.4s%.4s", door_code(door, now), door_code(door, now) + 5);
        snprintf(bad, sizeof bad, (const char *const[]){"%.7s", "%s1", "%s%s", "x%s", "%sx", "%.0s"}[i], code,
                 code);
        assert_false(try("192.0.2.7", "x", bad, now));
        assert_false(knows("192.0.2.7"));
    }
    assert_int_equal(door_counts(door)->wrong_codes, 6);
}

/* 1,000 codes, 80 bits of freedom in their digits: chi-square below 130 but for one in 3,000 runs by chance (99.97 %
   of chi-square with 72 degrees, Wilson-Hilferty: 119), and no two alike but for one in 200. */
static void
codes_are_evenly_distributed(void **state)
{
    enum { CODES = 1000 };
    int count[8][10] = {{0}};
    double chi = 0.0;

    (void)state;
    for (int i = 0; i < CODES; i++) {
        const char *code;

        let(true, START);
        code = door_code(door, START);
        for (int k = 0, digit = 0; k < 9; k++)
            if (code[k] != '-')
                count[digit++][code[k] - '0']++;
    }
    for (int digit = 0; digit < 8; digit++)
        for (int v = 0; v < 10; v++)
            chi += (count[digit][v] - CODES / 10.0) * (count[digit][v] - CODES / 10.0) / (CODES / 10.0);
    assert_true(chi < 150.0);
}

static void
pairing_closes_by_itself(void **state)
{
    char code[DOOR_CODE_SIZE];
    int64_t end = START + DOOR_OPEN_S * S;

    (void)state;
    let(true, START);
    snprintf(code, sizeof code, "%s", door_code(door, START));
    assert_true(door_left_s(door, START + 20 * S) == DOOR_OPEN_S - 20.0);
    assert_string_equal(door_code(door, end - 1), code);
    assert_string_equal(door_code(door, end), "");
    assert_true(door_left_s(door, end) == 0.0);
    assert_false(try("192.0.2.7", "late", code, end));
    assert_int_equal(door_counts(door)->closed, 1);
    let(true, end);
    let(false, end);
    assert_string_equal(door_code(door, end), "");
    assert_false(try("192.0.2.7", "late", code, end));
    assert_false(knows("192.0.2.7"));
}

/* Also when each comes from another host. */
static void
wrong_codes_close_it(void **state)
{
    char code[DOOR_CODE_SIZE], host[32];

    (void)state;
    let(true, START);
    snprintf(code, sizeof code, "%s", door_code(door, START));
    for (int i = 0; i < DOOR_TRIES; i++) {
        assert_string_equal(door_code(door, START), code);
        snprintf(host, sizeof host, "192.0.2.%d", 10 + i);
        assert_false(try(host, "x", wrong_code(START), START));
    }
    assert_string_equal(door_code(door, START), "");
    assert_false(try("192.0.2.7", "x", code, START + S));
    assert_int_equal(door_counts(door)->wrong_codes, DOOR_TRIES);
    assert_int_equal(door_counts(door)->closed, 1);
}

/* Whoever opens it again and again for somebody who guesses still gives away 2 guesses a second at most: 58 days for
   one in ten of 10^8 codes. */
static void
tries_have_a_pace_however_often_it_is_opened(void **state)
{
    uint64_t looked_at;

    (void)state;
    for (int64_t now = START; now < START + 60 * S; now += S / 100) {
        let(true, now);
        try("192.0.2.7", "x", wrong_code(now), now);
    }
    looked_at = door_counts(door)->wrong_codes;
    assert_int_equal(looked_at + door_counts(door)->floods, 6000);
    assert_in_range(looked_at, 60 * DOOR_TRIES_HZ, 60 * DOOR_TRIES_HZ + DOOR_TRIES);
}

static void
loopback_pairs_without_using_up_the_code(void **state)
{
    char token[DOOR_TOKEN_SIZE] = "x";
    struct address here = from("127.0.0.1", 1);
    struct err e;

    (void)state;
    let(true, START);
    assert_true(door_pair(door, &here, "x", "nonsense", token, START, &e));
    assert_string_equal(token, "");
    assert_true(door_code(door, START)[0]);
    assert_true(has_token("127.0.0.1", NULL));
    assert_int_equal(door_counts(door)->paired, 0);
}

/* --- names ---------------------------------------------------------------------------------------- */

static void
names_can_steer_nothing_and_are_nobody_elses(void **state)
{
    static const struct {
        const char *host, *name, *want;
    } cases[] = {
        {"192.0.2.1", "tablet", "tablet"},
        {"192.0.2.2", "Tablet", "Tablet 2"},
        {"192.0.2.3", "tablet", "tablet 3"},
        {"192.0.2.4", "a\tb\nc\033[2Jd,e", "a_b_c_[2Jd_e"},
        {"192.0.2.5", "terminal", "terminal 2"},
        {"192.0.2.6", "*", "* 2"},
        {"192.0.2.7", "  ", "192.0.2.7"},
        {"192.0.2.8", "osc 127.0.0.1:9000", "osc 127.0.0.1_9000"},
        {"2001:db8::1", "", "2001_db8__1"},
        {"192.0.2.9", "0123456789012345678901234567890123456789012345678901234567890123456789",
         "01234567890123456789012345678901234567890123456"},
        {"192.0.2.10", "0123456789012345678901234567890123456789012345678901234567890123456789",
         "01234567890123456789012345678901 2"},
        {"192.0.2.11", "#1 tablet", "_1 tablet"}, /* else a comment in the file: in until it is read again */
        {"192.0.2.12", "192.0.2.1", "192.0.2.1 2"},
        {"192.0.2.13", "192.0.2.13", "192.0.2.13"},
    };

    (void)state;
    for (int again = 0; again < 2; again++) {
        for (size_t i = 0; i < LEN(cases); i++) {
            struct address a = from(cases[i].host, 1);

            if (!again) {
                let(true, START);
                assert_true(
                    try(cases[i].host, cases[i].name, door_code(door, START), START + (int64_t)i * S));
            }
            assert_string_equal(door_name(door, &a), cases[i].want);
        }
        reopen();
    }
}

static void
a_host_that_leaves_takes_none_that_bears_its_address_as_a_name(void **state)
{
    struct err e;

    (void)state;
    pair("192.0.2.8", "192.0.2.7");
    pair("192.0.2.7", "tablet");
    assert_int_equal(door_revoke(door, "192.0.2.7", &e), OK);
    assert_false(knows("192.0.2.7"));
    assert_true(knows("192.0.2.8"));
}

/* --- remembering ---------------------------------------------------------------------------------- */

static void
who_is_paired_stays_so_and_secrets_are_not_in_the_file(void **state)
{
    char token[DOOR_TOKEN_SIZE], text[4096] = "", list[256];
    struct stat st;
    FILE *f;

    (void)state;
    pair("192.0.2.7", "tablet");
    token_for("2001:db8::9", token);
    reopen();
    assert_true(knows("192.0.2.7"));
    assert_true(knows("2001:db8::9"));
    assert_true(has_token("2001:db8::9", token));
    door_list(door, list, sizeof list);
    assert_string_equal(list, "tablet 192.0.2.7, page 2001:db8::9");
    assert_int_equal(stat(paired, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    f = fopen(paired, "r");
    assert_non_null(f);
    assert_true(fread(text, 1, sizeof text - 1, f) > 0);
    fclose(f);
    assert_null(strstr(text, token));
    assert_non_null(strstr(text, "\ntablet\t192.0.2.7\t20"));
    assert_non_null(strstr(text, "\t-\n"));
}

static void
a_file_that_makes_no_sense_lets_nobody_in_and_stays(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"tablet\t192.0.2.7\t2025-01-01\t-\nphone 192.0.2.8\n", "paired:2: write NAME"},
        {"tablet\t192.0.2\t2025-01-01\t-\n", "paired:1: the second word is no address"},
        {"tablet\t192.0.2.7\t2025-01-01\tabc\n", "paired:1: the last word"},
        {"a\t192.0.2.7\tx\t-\nb\t::ffff:192.0.2.7\tx\t-\n", "paired:2: this host is there twice"},
        {"a\t192.0.2.7\tx\t-\textra\n", "paired:1: write NAME"},
        {"a\t192.0.2.7\tx\t0011223344556677889900112233445566778899001122334455667788990011 "
         "0011223344556677889900112233445566778899001122334455667788990011 "
         "0011223344556677889900112233445566778899001122334455667788990011 "
         "0011223344556677889900112233445566778899001122334455667788990011 "
         "0011223344556677889900112233445566778899001122334455667788990011\n",
         "paired:1: the last word"},
    };
    struct door *d;
    struct err e;

    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        const char *path = tree_put("paired", cases[i].text);

        assert_int_equal(chmod(path, 0600), 0);
        assert_int_equal(door_open(&d, path, NULL, &e), BAD_ARG);
        assert_null(d);
        if (!strstr(e.text, cases[i].says))
            fail_msg("says \"%s\", not \"%s\"", e.text, cases[i].says);
    }
}

static void
a_file_that_others_can_write_is_not_believed(void **state)
{
    const char *path = tree_put("paired", "thief\t192.0.2.66\t2025-01-01\t-\n");
    struct door *d;
    struct err e;

    (void)state;
    assert_int_equal(chmod(path, 0666), 0);
    assert_int_equal(door_open(&d, path, NULL, &e), BAD_ARG);
    assert_non_null(strstr(e.text, "others can write it"));
    assert_int_equal(mkdir(tree_path("folder"), 0700), 0);
    assert_int_equal(door_open(&d, tree_path("folder"), NULL, &e), IO_ERROR);
}

/* Damaged while we run: nobody is paired, who is revoked is out, and what stands there is not overwritten. */
static void
a_file_damaged_meanwhile_is_not_overwritten(void **state)
{
    int64_t now = START + 5 * S;
    struct err e = {""};
    struct stat st;

    (void)state;
    pair("192.0.2.7", "tablet");
    let(true, now);
    settle(door, now);
    tree_put("config/deadwax/paired", "rubbish\n");
    assert_int_equal(chmod(paired, 0600), 0);
    assert_true(try("192.0.2.8", "phone", door_code(door, now), now));
    settle(door, now);
    assert_non_null(strstr(news.text, "phone is not paired: "));
    assert_non_null(strstr(news.text, "paired:1: write NAME"));
    assert_false(knows("192.0.2.8"));
    assert_true(knows("192.0.2.7"));
    now += S;
    assert_int_equal(door_let(door, true, now, &e), OK);
    settle(door, now);
    assert_non_null(strstr(news.text, "paired:1: write NAME"));
    assert_string_equal(door_code(door, now), "");
    now += 10 * S;
    assert_int_equal(door_revoke(door, "tablet", &e), OK);
    settle(door, now);
    assert_false(knows("192.0.2.7"));
    assert_false(door_is_idle(door));
    assert_int_equal(stat(paired, &st), 0);
    assert_int_equal(st.st_size, 8);
}

/* Also when somebody mends the file with the host still in it. */
static void
a_revocation_is_written_once_that_can_be(void **state)
{
    int64_t now = START + 5 * S;
    struct err e = {""};

    (void)state;
    pair("192.0.2.7", "tablet");
    tree_put("config/deadwax/paired", "rubbish\n");
    assert_int_equal(chmod(paired, 0600), 0);
    assert_int_equal(door_revoke(door, "tablet", &e), OK);
    settle(door, now);
    assert_non_null(strstr(news.text, "paired:1: write NAME"));
    assert_false(door_tick(door, now + S, &e)); /* told once */
    tree_put("config/deadwax/paired", "tablet\t192.0.2.7\t2025-01-01\t-\n");
    assert_int_equal(chmod(paired, 0600), 0);
    settle(door, now + 10 * S);
    assert_string_equal(news.text, "no longer paired: tablet");
    assert_true(door_is_idle(door));
    reopen();
    assert_false(knows("192.0.2.7"));
}

/* Pairing and revoking hold at once; the desk is told of those that are on the disk. */
static void
nothing_waits_for_the_disk(void **state)
{
    char list[64];
    struct err e;

    (void)state;
    pthread_mutex_lock(&disk);
    pair("192.0.2.7", "tablet");
    assert_true(knows("192.0.2.7"));
    for (int i = 0; i < 20; i++, usleep(1000))
        assert_false(door_tick(door, START, &e));
    door_list(door, list, sizeof list);
    assert_string_equal(list, "");
    pthread_mutex_unlock(&disk);
    settle(door, START);
    door_list(door, list, sizeof list);
    assert_string_equal(list, "tablet 192.0.2.7");
    pthread_mutex_lock(&disk);
    assert_int_equal(door_revoke(door, "tablet", &e), OK);
    assert_false(knows("192.0.2.7"));
    for (int i = 0; i < 20; i++, usleep(1000))
        assert_false(door_tick(door, START, &e));
    door_list(door, list, sizeof list);
    assert_string_equal(list, "");
    pthread_mutex_unlock(&disk);
    settle(door, START);
    assert_string_equal(news.text, "no longer paired: tablet");
}

/* Two hosts of one user share the file; a person may take a line out of it. */
static void
what_another_wrote_is_seen_and_kept(void **state)
{
    struct door *mine = door, *other;
    struct err e;

    (void)state;
    assert_int_equal(door_open(&other, paired, NULL, &e), OK);
    pair("192.0.2.7", "tablet");
    door = other;
    assert_false(knows("192.0.2.7"));
    settle(mine, START);
    pair("192.0.2.8", "phone");
    settle(other, START);
    assert_true(knows("192.0.2.7"));
    assert_int_equal(door_revoke(other, "tablet", &e), OK);
    settle(other, START);
    door = mine;
    let(true, START + 9 * S);
    settle(mine, START + 9 * S);
    assert_true(knows("192.0.2.8"));
    assert_false(knows("192.0.2.7"));
    door_close(other);
}

static void
a_pairing_that_cannot_be_remembered_is_none(void **state)
{
    char token[DOOR_TOKEN_SIZE];
    struct address a = from("192.0.2.7", 1);
    struct err e = {""};

    (void)state;
    let(true, START);
    tree_put("config/deadwax/paired.new/in_the_way", "");
    assert_true(door_pair(door, &a, "tablet", door_code(door, START), token, START, &e));
    settle(door, START);
    assert_non_null(strstr(news.text, "tablet is not paired: "));
    assert_false(knows("192.0.2.7"));
    assert_false(has_token("192.0.2.7", token));
}

static void
there_is_room_for_so_many_hosts(void **state)
{
    char host[32];
    int64_t now = START;
    struct err e = {""};
    struct address one_more = from("198.51.100.1", 1);

    (void)state;
    for (int i = 0; i < DOOR_HOSTS; i++, now += S) {
        snprintf(host, sizeof host, "192.0.2.%d", 1 + i);
        let(true, now);
        assert_true(try(host, NULL, door_code(door, now), now));
    }
    let(true, now);
    assert_false(door_pair(door, &one_more, "x", door_code(door, now), NULL, now, &e));
    assert_non_null(strstr(e.text, "revoke one"));
    reopen();
    assert_true(knows("192.0.2.1") && knows("192.0.2.32"));
}

static void
a_door_without_a_file_forgets(void **state)
{
    struct err e;

    (void)state;
    door_close(door);
    assert_int_equal(door_open(&door, "", NULL, &e), OK);
    pair("192.0.2.7", "tablet");
    assert_true(knows("192.0.2.7"));
    let(true, START);
    assert_true(knows("192.0.2.7"));
    door_close(door);
    assert_int_equal(door_open(&door, "", NULL, &e), OK);
    assert_false(knows("192.0.2.7"));
}

/* --- revoking ------------------------------------------------------------------------------------- */

static void
who_is_revoked_is_out_at_once_and_after_a_restart(void **state)
{
    char token[DOOR_TOKEN_SIZE];
    struct err e;

    (void)state;
    pair("192.0.2.7", "tablet");
    token_for("192.0.2.8", token);
    settle(door, START);
    assert_int_equal(door_revoke(door, "nobody", &e), OK);
    settle(door, START);
    assert_non_null(strstr(news.text, "nobody: no such host is paired"));
    assert_int_equal(door_revoke(door, "192.0.2.8", &e), OK);
    assert_false(knows("192.0.2.8"));
    assert_false(has_token("192.0.2.8", token));
    assert_int_equal(door_revoke(door, "TABLET", &e), OK);
    assert_false(knows("192.0.2.7"));
    reopen();
    assert_false(knows("192.0.2.7") || knows("192.0.2.8"));
    pair("192.0.2.7", "a");
    let(true, START + 9 * S);
    assert_true(try("192.0.2.8", "b", door_code(door, START + 9 * S), START + 9 * S));
    assert_int_equal(door_revoke(door, "*", &e), OK);
    assert_false(knows("192.0.2.7") || knows("192.0.2.8"));
}

/* An old token does not come back to life with a new pairing. */
static void
a_replayed_token_stays_dead(void **state)
{
    char old[DOOR_TOKEN_SIZE], new[DOOR_TOKEN_SIZE];
    struct err e;

    (void)state;
    token_for("192.0.2.7", old);
    assert_int_equal(door_revoke(door, "*", &e), OK);
    token_for("192.0.2.7", new);
    assert_false(has_token("192.0.2.7", old));
    assert_true(has_token("192.0.2.7", new));
    assert_int_equal(door_counts(door)->bad_tokens, 1);
}

/* --- listed --------------------------------------------------------------------------------------- */

static void
listed_hosts_are_in_from_the_start_but_have_no_token(void **state)
{
    static const char *const listed[] = {"192.0.2.20", "2001:db8::20", NULL}, *const bad[] = {"tablet.local",
                                                                                              NULL};
    char token[DOOR_TOKEN_SIZE];
    struct door *d;
    struct err e;

    (void)state;
    assert_int_equal(door_open(&d, paired, bad, &e), BAD_ARG);
    assert_non_null(strstr(e.text, "tablet.local"));
    door_close(door);
    assert_int_equal(door_open(&door, paired, listed, &e), OK);
    assert_true(knows("192.0.2.20") && knows("2001:db8::20"));
    assert_false(knows("192.0.2.21"));
    assert_int_equal(door_revoke(door, "192.0.2.20", &e), OK);
    settle(door, START);
    assert_non_null(strstr(news.text, "no such host is paired"));
    assert_true(knows("192.0.2.20"));
    assert_false(has_token("192.0.2.20", ""));
    assert_false(has_token("192.0.2.20", NULL));
    token_for("192.0.2.20", token);
    assert_true(has_token("192.0.2.20", token));
    settle(door, START);
    assert_int_equal(access(paired, R_OK), 0);
}

/* --- rates ---------------------------------------------------------------------------------------- */

static int
knocks(const char *host, int n, size_t size, int64_t from_ns, int64_t step_ns, enum door_verdict want)
{
    struct address a = from(host, 5005);
    int got = 0;

    for (int i = 0; i < n; i++)
        got += door_knock(door, &a, size, from_ns + i * step_ns) == want;
    return got;
}

/* Three fingers at 1 kHz for 10 s, and a script's burst of 10,000 moves. */
static void
a_paired_host_may_move_faders(void **state)
{
    (void)state;
    pair("192.0.2.7", "tablet");
    assert_int_equal(knocks("192.0.2.7", 30000, 40, START, S / 3000, DOOR_IN), 30000);
    assert_int_equal(knocks("192.0.2.7", 10000, 40, START + 20 * S, 0, DOOR_IN), 10000);
    assert_int_equal(knocks("127.0.0.1", 100000, 65536, START, 0, DOOR_IN), 100000);
    assert_int_equal(door_counts(door)->floods, 0);
}

/* 50,000 packets a second for 10 s: DOOR_HOST_HZ of them a second and two seconds' worth. */
static void
a_paired_host_cannot_flood(void **state)
{
    int in;

    (void)state;
    pair("192.0.2.7", "tablet");
    in = knocks("192.0.2.7", 500000, 40, START, S / 50000, DOOR_IN);
    assert_in_range(in, 12 * DOOR_HOST_HZ - 5, 12 * DOOR_HOST_HZ + 5);
    assert_int_equal(door_counts(door)->floods, 500000 - in);
    /* A large packet counts for its bytes: 40 MB/s and no more. */
    in = knocks("192.0.2.7", 10000, 65535, START + 100 * S, 0, DOOR_IN);
    assert_int_equal(in, 2 * DOOR_HOST_HZ / 16);
}

static void
a_stranger_gets_a_handful(void **state)
{
    int heard = knocks("192.0.2.66", 50000, 40, START, S / 5000, DOOR_STRANGER);

    (void)state;
    assert_in_range(heard, 10 * DOOR_STRANGER_HZ + DOOR_STRANGER_BURST - 2,
                    10 * DOOR_STRANGER_HZ + DOOR_STRANGER_BURST + 2);
    assert_int_equal(door_counts(door)->strangers, heard);
    assert_int_equal(door_counts(door)->floods, 50000 - heard);
}

/* 100,000 sources in 10 s: together no more than all strangers may, and the paired host never notices. */
static void
made_up_sources_push_out_nobody(void **state)
{
    char host[32];
    int heard = 0;

    (void)state;
    pair("192.0.2.7", "tablet");
    for (int i = 0; i < 100000; i++) {
        int64_t now = START + i * (S / 10000);

        snprintf(host, sizeof host, "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
        heard += knocks(host, 1, 40, now, 0, DOOR_STRANGER);
        if (i % 10 == 0) /* 1 kHz */
            assert_int_equal(knocks("192.0.2.7", 1, 40, now, 0, DOOR_IN), 1);
    }
    assert_in_range(heard, 11 * DOOR_STRANGERS_HZ - 2, 11 * DOOR_STRANGERS_HZ + 2);
    assert_true(knows("192.0.2.7"));
}

/* --- the web's part ------------------------------------------------------------------------------- */

static void
a_token_is_good_from_its_host_alone(void **state)
{
    char token[DOOR_TOKEN_SIZE], bad[DOOR_TOKEN_SIZE];

    (void)state;
    token_for("192.0.2.7", token);
    pair("192.0.2.8", "phone");
    assert_true(has_token("192.0.2.7", token));
    assert_false(has_token("192.0.2.8", token));
    assert_false(has_token("192.0.2.9", token));
    for (int i = 0; i < 32; i++) {
        snprintf(bad, sizeof bad, "%s", token);
        bad[i] = bad[i] == '0' ? '1' : '0';
        assert_false(has_token("192.0.2.7", bad));
    }
    assert_false(has_token("192.0.2.7", ""));
    assert_false(has_token("192.0.2.7", NULL));
    assert_int_equal(door_counts(door)->bad_tokens, 36);
}

/* A tablet's browsers: the newest few. */
static void
a_host_has_a_few_tokens(void **state)
{
    char token[DOOR_TOKENS + 1][DOOR_TOKEN_SIZE];
    struct address a = from("192.0.2.7", 1);
    struct err e;

    (void)state;
    for (int i = 0; i <= DOOR_TOKENS; i++) {
        int64_t now = START + i * S;

        let(true, now);
        assert_true(door_pair(door, &a, "page", door_code(door, now), token[i], now, &e));
    }
    reopen();
    assert_false(has_token("192.0.2.7", token[0]));
    for (int i = 1; i <= DOOR_TOKENS; i++)
        assert_true(has_token("192.0.2.7", token[i]));
    assert_string_equal(door_name(door, &a), "page");
}

static void
a_site_must_be_ours_by_name_and_port(void **state)
{
    static const char *const own[] = {"192.0.2.1", "desk.local", "2001:db8::1", NULL};
    static const struct {
        const char *host, *origin;
        int bad; /* 0: good, 1: its host, 2: its origin */
    } cases[] = {
        {"192.0.2.1:9001", NULL, 0},
        {"localhost:9001", "http://localhost:9001", 0},
        {"LOCALHOST:9001", "HTTP://Desk.Local:9001", 0},
        {"127.0.0.1:9001", "http://127.0.0.1:9001", 0},
        {"[::1]:9001", "http://[::1]:9001", 0},
        {"[2001:db8::1]:9001", NULL, 0},
        {"desk.local:9001", "http://192.0.2.1:9001", 0},
        {NULL, NULL, 1},
        {"", NULL, 1},
        {"evil.example:9001", NULL, 1}, /* rebinding: its name, our address */
        {"evil.example:9001", "http://evil.example:9001", 1},
        {"192.0.2.1", NULL, 1},
        {"192.0.2.1:80", NULL, 1},
        {"192.0.2.1:9001x", NULL, 1},
        {"192.0.2.1:90010000009001", NULL, 1},
        {"192.0.2.1:-9001", NULL, 1},
        {"192.0.2.1:", NULL, 1},
        {"192.0.2.1.evil.example:9001", NULL, 1},
        {"localhost.:9001", NULL, 1},
        {"[::1:9001", NULL, 1},
        {"[::1]9001", NULL, 1},
        {":9001", NULL, 1},
        {"[]:9001", NULL, 1},
        {"192.0.2.1:9001", "http://evil.example", 2},
        {"192.0.2.1:9001", "http://evil.example:9001", 2},
        {"192.0.2.1:9001", "https://192.0.2.1:9001", 2},
        {"192.0.2.1:9001", "null", 2},
        {"192.0.2.1:9001", "", 2},
        {"192.0.2.1:9001", "http://192.0.2.1:8080", 2},
        {"192.0.2.1:9001", "http://192.0.2.1:9001@evil.example", 2},
        {"192.0.2.1:9001", "http://192.0.2.1:9001/", 2},
        {"192.0.2.1:9001", "file://", 2},
    };
    uint64_t hosts = 0, origins = 0;

    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        if (door_site(door, cases[i].host, cases[i].origin, own, 9001) != !cases[i].bad)
            fail_msg("Host %s, Origin %s", cases[i].host, cases[i].origin);
        hosts += cases[i].bad == 1;
        origins += cases[i].bad == 2;
    }
    assert_int_equal(door_counts(door)->bad_hosts, hosts);
    assert_int_equal(door_counts(door)->bad_origins, origins);
    assert_true(door_site(door, "192.0.2.1", NULL, own, 80));
    assert_false(door_site(door, "192.0.2.1:9001", NULL, NULL, 9001));
    assert_true(door_site(door, "127.0.0.1:9001", NULL, NULL, 9001));
}

/* --- what strangers say --------------------------------------------------------------------------- */

static enum pair_verdict
hear(const char *host, const void *data, size_t size, int64_t now, struct packet_writer *answer)
{
    struct address a = from(host, 5005);
    enum pair_verdict v = pair_take(door, &a, data, size, now, answer);

    if (v == PAIR_ANSWER)
        assert_true(answer->size <= size);
    return v;
}

static void
ask_to_pair(struct packet_writer *w, const char *name, const char *code)
{
    struct packet_arg arg[] = {{.type = 's', .text = name}, {.type = 's', .text = code}};

    packet_message(w);
    assert_true(packet_add(w, "/pair", name ? arg : arg + 1, name ? 2 : 1));
}

static void
hear_path(void *context, const struct packet_message *m)
{
    snprintf(context, 64, "%s%s%s", m->path, m->nargs ? " " : "", m->nargs ? m->arg[0].text : "");
}

static void
assert_says(const struct packet_writer *w, const char *want)
{
    char got[64] = "";

    assert_true(packet_read(w->data, w->size, hear_path, got));
    assert_string_equal(got, want);
}

static void
a_stranger_pairs_with_or_without_a_name(void **state)
{
    struct packet_writer w, answer;

    (void)state;
    ask_to_pair(&w, "tablet", "0000-0000");
    assert_int_equal(hear("192.0.2.7", w.data, w.size, START, &answer), PAIR_ANSWER);
    assert_says(&answer, "/refused closed");
    let(true, START);
    ask_to_pair(&w, "tablet", wrong_code(START));
    assert_int_equal(hear("192.0.2.7", w.data, w.size, START, &answer), PAIR_ANSWER);
    assert_says(&answer, "/refused wrong");
    ask_to_pair(&w, "tablet", door_code(door, START));
    assert_int_equal(hear("192.0.2.7", w.data, w.size, START, &answer), PAIR_ANSWER);
    assert_says(&answer, "/paired tablet");
    assert_int_equal(hear("192.0.2.7", w.data, w.size, START, &answer), PAIR_IN);
    let(true, START);
    ask_to_pair(&w, NULL, door_code(door, START));
    assert_int_equal(hear("2001:db8:1111:2222:3333:4444:5555:6666", w.data, w.size, START, &answer),
                     PAIR_ANSWER);
    assert_says(&answer, "/paired"); /* its name would be longer than the question */
}

static void
without_a_door_loopback_alone_is_in(void **state)
{
    struct address here = from("127.0.0.1", 1), there = from("192.0.2.7", 1);
    struct packet_writer answer;

    (void)state;
    assert_int_equal(pair_take(NULL, &here, "/eq", 4, START, &answer), PAIR_IN);
    assert_int_equal(pair_take(NULL, &there, "/eq", 4, START, &answer), PAIR_END);
    assert_true(pair_knows(NULL, &here));
    assert_false(pair_knows(NULL, &there));
}

/* Rubbish of all kinds, half of it near to what is taken: answered by as much at most, and it changes nobody's rights.
   Each from a host of its own, and slowly, so that all of it is looked at. */
static void
whatever_a_stranger_sends_it_gets_no_more_back(void **state)
{
    enum { PACKETS = 200000 };
    static const char *const starts[] = {"/pair\0\0\0,ss\0",   "/pair\0\0\0,s\0\0",
                                         "/pair\0\0\0",        "#bundle\0\0\0\0\0\0\0\0\1",
                                         "/ping\0\0\0,\0\0\0", "/subscribe\0\0,\0\0\0"};
    static const size_t lengths[] = {12, 12, 8, 16, 12, 16};
    uint64_t in = 0, out = 0;
    unsigned char data[400];
    struct packet_writer answer;
    char host[32];

    (void)state;
    dice_state = 7;
    for (int i = 0; i < PACKETS; i++) {
        int64_t now = START + i * (S / 20);
        size_t size = dice(sizeof data), kind = dice(2 * LEN(starts));
        enum pair_verdict v;

        if (i % 1000 == 0)
            let(i % 2000 != 0, now);
        for (size_t k = 0; k < size; k++)
            data[k] = dice(3) ? (unsigned char)('0' + dice(10)) : (unsigned char)dice(256);
        if (kind < LEN(starts)) {
            size = size < lengths[kind] ? lengths[kind] : size & ~(size_t)3;
            memcpy(data, starts[kind], lengths[kind]);
            for (size_t k = lengths[kind] + 11; k < size; k += 12)
                data[k] = 0;
        }
        snprintf(host, sizeof host, "10.1.%d.%d", i >> 8 & 255, i & 255);
        in += size;
        v = hear(host, data, size, now, &answer);
        out += v == PAIR_ANSWER ? answer.size : 0;
        assert_int_not_equal(v, PAIR_IN);
    }
    assert_true(out > 0 && out < in);
    assert_int_equal(door_counts(door)->paired, 0);
    assert_true(door_counts(door)->oversized > 0);
    print_message("# %d packets of strangers: %llu bytes in, %llu out\n", PACKETS, (unsigned long long)in,
                  (unsigned long long)out);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(loopback_is_in_and_nobody_else),
        TEST(the_code_pairs_one_host_at_any_port_and_works_once),
        TEST(a_code_may_be_written_with_or_without_its_gap),
        TEST(what_is_nearly_the_code_is_wrong),
        TEST(codes_are_evenly_distributed),
        TEST(pairing_closes_by_itself),
        TEST(wrong_codes_close_it),
        TEST(tries_have_a_pace_however_often_it_is_opened),
        TEST(loopback_pairs_without_using_up_the_code),
        TEST(names_can_steer_nothing_and_are_nobody_elses),
        TEST(a_host_that_leaves_takes_none_that_bears_its_address_as_a_name),
        TEST(who_is_paired_stays_so_and_secrets_are_not_in_the_file),
        TEST(a_file_that_makes_no_sense_lets_nobody_in_and_stays),
        TEST(a_file_that_others_can_write_is_not_believed),
        TEST(a_file_damaged_meanwhile_is_not_overwritten),
        TEST(a_revocation_is_written_once_that_can_be),
        TEST(nothing_waits_for_the_disk),
        TEST(what_another_wrote_is_seen_and_kept),
        TEST(a_pairing_that_cannot_be_remembered_is_none),
        TEST(there_is_room_for_so_many_hosts),
        TEST(a_door_without_a_file_forgets),
        TEST(who_is_revoked_is_out_at_once_and_after_a_restart),
        TEST(a_replayed_token_stays_dead),
        TEST(listed_hosts_are_in_from_the_start_but_have_no_token),
        TEST(a_paired_host_may_move_faders),
        TEST(a_paired_host_cannot_flood),
        TEST(a_stranger_gets_a_handful),
        TEST(made_up_sources_push_out_nobody),
        TEST(a_token_is_good_from_its_host_alone),
        TEST(a_host_has_a_few_tokens),
        TEST(a_site_must_be_ours_by_name_and_port),
        TEST(a_stranger_pairs_with_or_without_a_name),
        TEST(without_a_door_loopback_alone_is_in),
        TEST(whatever_a_stranger_sends_it_gets_no_more_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

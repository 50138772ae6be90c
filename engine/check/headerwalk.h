/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * headerwalk: what header's walks of the different containers share.
 */
#ifndef ENGINE_CHECK_HEADERWALK_H
#define ENGINE_CHECK_HEADERWALK_H

#include "engine/check/header.h"

/* More chunks than any file has: where a walk through garbage ends. */
enum { WALK_CHUNKS = 4096 };

struct walk {
    int fd;
    uint64_t size; /* of the file, bytes */
    struct header *h;
    int error; /* errno of a read that failed; 0 */
};

struct chunk {
    char id[5];
    uint64_t body, size; /* where, and as it says, without its head */
    uint64_t there;      /* how much of that the file has */
};

/* All n bytes or none; what is not in the file is never asked for. */
bool walk_get(struct walk *w, uint64_t at, void *to, size_t n);

uint64_t walk_le(const unsigned char *at, int bytes);
uint64_t walk_be(const unsigned char *at, int bytes);

/* Four letters as a chunk's name has them, read at `at`. */
bool walk_is_name(struct walk *w, uint64_t at);

/* Of the chunk whose body and size are known. */
uint64_t walk_there(const struct walk *w, uint64_t body, uint64_t size);

/* At most n bytes, to the first NUL, made UTF-8 of one line; out has HEADER_TEXT bytes. What is there already stays. */
void walk_text(struct walk *w, uint64_t at, uint64_t n, char *out);

void walk_fault(struct walk *w, const char *kind, enum severity s, const char *mend, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Judges promised_bytes and data_bytes of whole frames of frame_bytes. */
void walk_judge_sound(struct walk *w);

/* One a container; the file's first twelve bytes are known to be right. */
void walk_riff(struct walk *w);
void walk_w64(struct walk *w);
void walk_aiff(struct walk *w);
void walk_flac(struct walk *w, uint64_t at);

#endif

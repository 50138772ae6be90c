/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header: a sound file's chunks, walked on their own, to say what of them is wrong.
 *
 * Whoever reads sound forgives much; the next machine may not. So nothing here trusts a size, and nothing is made
 * right: what is found goes out as findings.
 *
 * reads    WAV (RIFF), RF64, BW64, W64, AIFF, AIFF-C, FLAC; of others only that they are others
 * cost     a few reads of some hundred bytes, however long the file
 * texts    UTF-8, one line, whatever is in the file
 * sources  IBM/Microsoft Multimedia Programming Interface 1.0 (RIFF); Microsoft WAVEFORMATEXTENSIBLE;
 *          EBU Tech 3306 (RF64), ITU-R BS.2088 (BW64); EBU Tech 3285 v2 (bext); Apple AIFF 1.3 and AIFF-C;
 *          RFC 9639 (FLAC); W64's GUIDs are those that libsndfile writes (test/check/header)
 */
#ifndef ENGINE_CHECK_HEADER_H
#define ENGINE_CHECK_HEADER_H

#include "engine/check/report.h"

enum { HEADER_FAULTS = 24, HEADER_TEXT = 160 };

enum header_kind {
    HEADER_OTHER,
    HEADER_RIFF,
    HEADER_RF64,
    HEADER_BW64,
    HEADER_W64,
    HEADER_AIFF,
    HEADER_AIFC,
    HEADER_FLAC
};

enum header_stated { /* by bext, in the chunk's order */
                     STATED_INTEGRATED,
                     STATED_RANGE,
                     STATED_TRUE_PEAK,
                     STATED_MOMENTARY,
                     STATED_SHORT_TERM,
                     HEADER_STATED
};

struct header {
    enum header_kind kind;
    uint64_t file_bytes;
    uint64_t data_at, data_bytes; /* of the sound: where, and how much of it is really there */
    uint64_t promised_bytes;      /* of sound, by the header; 0: it does not know */
    int64_t frames;               /* that the header promises; -1: it does not know */
    double rate_hz;
    int nch, bits, frame_bytes; /* frame_bytes 0: not PCM */
    int valid_bits;             /* of WAVEFORMATEXTENSIBLE; 0: not told */
    bool has_md5;               /* FLAC */
    unsigned char md5[16];
    int bext_version;             /* -1: no bext */
    double stated[HEADER_STATED]; /* LUFS, LU, dBTP, LUFS, LUFS; NAN: not given */
    char title[HEADER_TEXT], artist[HEADER_TEXT], date[HEADER_TEXT], isrc[HEADER_TEXT],
        originator[HEADER_TEXT];
    struct finding fault[HEADER_FAULTS];
    int nfaults; /* further ones are left out */
};

/* fd stays open and where it was. IO_ERROR (errno) when the disk fails; a file of any other kind is OK and HEADER_OTHER. */
enum status header_read(struct header *h, int fd);
/* As header_read; NOT_FOUND, IO_ERROR with errno when path can't be opened. */
enum status header_of(struct header *h, const char *path);
bool header_has(const struct header *h, const char *kind); /* a fault of that kind */

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * specimen: reports made by hand, with one of everything that a report can hold.
 */
#ifndef TEST_KIT_SPECIMEN_H
#define TEST_KIT_SPECIMEN_H

#include "engine/check/report.h"

/* A song of three and a half minutes with faults in it; without: nothing but figures and curves. */
struct report *specimen_song(const char *path, bool with_faults);
/* Words that would like to be markup, in every place that takes words. */
struct report *specimen_hostile(void);
/* Of three tracks. */
struct report *specimen_album(void);

#define SPECIMEN_HOSTILE_PATH                                                                                \
    "/tmp/a \"b\" 'c' <script>alert(1)</script> & \n\033[2J\xff\xc3\xe2\x80\xae]]>--> ä日.wav"
#define SPECIMEN_HOSTILE_TEXT                                                                                \
    "</script><img src=x onerror='alert(2)'>\"&amp; \xed\xa0\x80 \x01 <!-- ]]> \xf0\x9f\x8e\xb5"

#endif

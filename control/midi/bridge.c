/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/bridge.h"

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/kit/dice.h"

uint32_t dice_state;

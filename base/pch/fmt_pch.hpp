// SPDX-License-Identifier: GPL-2.0-or-later
// Precompiled header of the targets that format text.
#include <fmt/format.h>

#include "base/pch/std_pch.hpp"

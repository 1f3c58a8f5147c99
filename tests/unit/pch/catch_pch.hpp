// SPDX-License-Identifier: GPL-2.0-or-later
// Precompiled header of the tests: Catch2 takes longer to read than most of them take to compile.
#include "base/pch/std_pch.hpp"
#include "tests/unit/catch.hpp"

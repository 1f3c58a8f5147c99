// SPDX-License-Identifier: GPL-2.0-or-later
// Precompiled header of the tests of coroutines.
#include "async/asio.hpp"
#include "tests/unit/pch/catch_pch.hpp"

// SPDX-License-Identifier: GPL-2.0-or-later
// Catch2 2 and 3 under one name; tests use only what both have.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif

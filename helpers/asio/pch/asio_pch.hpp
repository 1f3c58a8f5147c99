// SPDX-License-Identifier: GPL-2.0-or-later
// Precompiled header of the targets made of coroutines; sources include what they use all the same.
#pragma once

#include "helpers/asio/asio.hpp"

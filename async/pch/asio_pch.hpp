// SPDX-License-Identifier: GPL-2.0-or-later
// Precompiled header of the targets made of coroutines; sources include what they use all the same.
#include "async/asio.hpp"

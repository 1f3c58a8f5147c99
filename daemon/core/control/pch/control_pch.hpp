// SPDX-License-Identifier: GPL-2.0-or-later
// Precompiled header of the control interface.
#include <boost/json.hpp>

#include "base/pch/std_pch.hpp"

// SPDX-License-Identifier: GPL-2.0-or-later
// Precompiled header of gnomonctl, most of which renders JSON.
#include <boost/json.hpp>

#include "base/pch/fmt_pch.hpp"

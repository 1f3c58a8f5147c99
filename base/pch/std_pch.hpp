// SPDX-License-Identifier: GPL-2.0-or-later
// Precompiled header of the larger targets: reading the standard library takes longer than compiling most of
// our files. Sources include what they use all the same; the build without -Dstandard_pch finds those that do
// not.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <expected>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

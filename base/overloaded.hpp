// SPDX-License-Identifier: GPL-2.0-or-later
// Several functions as one, for std::visit.
#pragma once

namespace gnomon::base {

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

}  // namespace gnomon::base

// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/mac/symmetric_keys.hpp"

#include <utility>

namespace gnomon::protocol {

bool SymmetricKeys::add(SymmetricKey key) {
  const auto id = key.id;
  return keys_.try_emplace(id, std::move(key)).second;
}

const SymmetricKey* SymmetricKeys::find(std::uint32_t id) const {
  const auto found = keys_.find(id);
  return found != keys_.end() ? &found->second : nullptr;
}

}  // namespace gnomon::protocol

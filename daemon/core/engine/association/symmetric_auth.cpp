// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/symmetric_auth.hpp"

#include <utility>

namespace gnomon::engine {

const protocol::SymmetricKey* SymmetricAuth::find(const EngineContext& context) const {
  return context.symmetric_keys ? context.symmetric_keys->find(key_id_) : nullptr;
}

std::shared_ptr<const protocol::SymmetricKey> SymmetricAuth::key(const EngineContext& context, Turn& turn) {
  const auto* const key = find(context);
  const auto now = key == nullptr ? Said::missing : key->is_short() ? Said::is_short : Said::nothing;
  if (std::exchange(said_, now) != now) {
    if (now == Said::missing) turn.note(note::KeyMissing{key_id_, context.symmetric_keys != nullptr});
    if (now == Said::is_short) turn.note(note::KeyShort{key_id_});
  }
  if (key == nullptr) return nullptr;
  return {context.symmetric_keys, key};  // lives as long as the request, whatever is read meanwhile
}

AuthReport SymmetricAuth::report(const EngineContext& context) const {
  AuthReport report{.mode = AuthMode::symmetric, .key_id = key_id_};
  if (const auto* const key = find(context)) {
    report.key_type = static_cast<std::uint16_t>(key->type);
    report.key_length = static_cast<std::uint16_t>(8 * key->octets.size());
  }
  return report;
}

}  // namespace gnomon::engine

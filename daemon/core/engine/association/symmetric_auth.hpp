// SPDX-License-Identifier: GPL-2.0-or-later
// The symmetric key of one association (option `key`): looked up for every request, since the file of keys
// may have been read again. Owned by its association.
#pragma once

#include <cstdint>
#include <memory>

#include "daemon/core/engine/association/engine_context.hpp"
#include "daemon/core/engine/association/turn.hpp"
#include "daemon/core/engine/values/reports.hpp"
#include "protocol/mac/symmetric_keys.hpp"

namespace gnomon::engine {

class SymmetricAuth {
 public:
  explicit SymmetricAuth(std::uint32_t key_id) : key_id_(key_id) {}

  // For the next request; null: the key is missing, and nothing may be sent without it. Says so once, also
  // when the key is short.
  [[nodiscard]] std::shared_ptr<const protocol::SymmetricKey> key(const EngineContext& context, Turn& turn);
  // Without a type and a length while the key is missing.
  [[nodiscard]] AuthReport report(const EngineContext& context) const;

 private:
  [[nodiscard]] const protocol::SymmetricKey* find(const EngineContext& context) const;

  enum class Said : std::uint8_t { nothing, missing, is_short };
  std::uint32_t key_id_;
  Said said_ = Said::nothing;
};

}  // namespace gnomon::engine

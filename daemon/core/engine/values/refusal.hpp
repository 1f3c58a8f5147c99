// SPDX-License-Identifier: GPL-2.0-or-later
// Why an operator's command was not applied: a sentence for people, and what chrony's protocol distinguishes.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace gnomon::engine {

enum class RefusalKind : std::uint8_t {
  failed,  // whatever is none of the others
  no_such_source,
  source_already_present,
  too_many_sources,
  invalid_name,
  not_enabled,  // the configuration or another command would have to enable it
  no_such_entry,
  no_client_log,
  bad_file  // that was to be written
};

struct Refusal {
  // Implicit, as most refusals are a sentence and no more.
  Refusal(std::string why) : sentence(std::move(why)) {}  // NOLINT(google-explicit-constructor)
  Refusal(const char* why) : sentence(why) {}             // NOLINT(google-explicit-constructor)
  Refusal(RefusalKind its_kind, std::string why) : kind(its_kind), sentence(std::move(why)) {}

  RefusalKind kind = RefusalKind::failed;
  std::string sentence;
};

}  // namespace gnomon::engine

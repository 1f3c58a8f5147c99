// SPDX-License-Identifier: GPL-2.0-or-later
// How an NTS source comes by its keys (RFC 8915 section 4): from what the last run kept, or by NTS-KE, whose
// failures lead to a pause, to another address or to forgiven dates of certificates. Owned by its
// association.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/address.hpp"
#include "base/time.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/association/engine_context.hpp"
#include "daemon/core/engine/association/events.hpp"
#include "daemon/core/engine/association/nts_client.hpp"
#include "daemon/core/engine/association/nts_memory.hpp"
#include "daemon/core/engine/association/turn.hpp"

namespace gnomon::engine {

// Keys and cookies of the last run that are in use now.
struct LoadedKeys {
  base::Endpoint ntp;  // where the cookies are good
  std::size_t cookies = 0;
  base::Seconds age{};  // of their NTS-KE, by our clock; negative: that ran ahead meanwhile
};

class KeyAcquisition {
 public:
  explicit KeyAcquisition(const config::Source& source) : client_(source.max_nts_retry) {}

  // The keys themselves, and when the next NTS-KE is due and allowed.
  [[nodiscard]] NtsClient& client() { return client_; }
  [[nodiscard]] const NtsClient& client() const { return client_; }

  // --- what the last run kept
  // What was kept of this NTS-KE server is to be loaded: once for each address, and only while keys are
  // missing.
  [[nodiscard]] std::optional<LoadKept> load(const base::IpAddress& ke_server, const EngineContext& context);
  void load_cancelled() { loaded_for_ = {}; }
  // What load() asked for. Cookies that cannot be used are noted; nullopt: there are none in use now.
  [[nodiscard]] std::optional<LoadedKeys> loaded(const Kept& kept, const config::Source& source,
                                                 const EngineContext& context, Turn& turn);
  // What is to be kept for the next run. ntp: where requests go. nullopt: nothing to say.
  [[nodiscard]] std::optional<NtsMemory> memory(const base::IpAddress& ke_server, const base::Endpoint& ntp,
                                                const std::string& source_name, const base::Now& now,
                                                bool leaving);

  // --- NTS-KE
  // Begins an attempt with that server.
  [[nodiscard]] Establish start(const base::IpAddress& ke_server, const config::Source& source,
                                const EngineContext& context, base::MonoTime now);
  [[nodiscard]] const base::IpAddress& asked() const { return ke_server_; }  // in the last attempt
  void succeeded(const protocol::NtsSession& session, Turn& turn);
  // Whether the failure is one of dates alone, which the next attempt forgives; that is noted.
  [[nodiscard]] bool forgives(const protocol::KeFailure& failure, const EngineContext& context, Turn& turn);
  // Any other failure; it is noted. elsewhere: the next attempt goes to another address of the name, soon.
  void failed(const protocol::KeFailure& failure, const config::Source& source, bool elsewhere, bool one_shot,
              Turn& turn);
  // The name has another address now. unreached: the one before could not be reached.
  void server_replaced(bool unreached, base::MonoTime now);
  // Whether one that runs only once has had its attempts.
  [[nodiscard]] bool is_hopeless(const protocol::KeFailure& failure) const;

 private:
  [[nodiscard]] protocol::DateCheck date_check(const EngineContext& context) const;
  [[nodiscard]] bool take_over(const protocol::CookieFile& file, const config::Source& source,
                               const EngineContext& context, Turn& turn);

  NtsClient client_;
  base::IpAddress ke_server_;   // of the attempt under way, or of what is being loaded
  base::IpAddress loaded_for_;  // what was kept of this NTS-KE server has been asked for
  base::IpAddress keys_from_;   // the NTS-KE server they are of
};

// Says that they are in use, and whether they are older than ntsrefresh.
void note_loaded(const LoadedKeys& loaded, base::Seconds refresh, Turn& turn);

}  // namespace gnomon::engine

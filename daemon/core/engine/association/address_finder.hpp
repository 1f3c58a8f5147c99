// SPDX-License-Identifier: GPL-2.0-or-later
// From the name of a source to the addresses to be asked: name resolution, and what takes the place of an
// address that does not answer. Owned by its association.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/association/engine_context.hpp"
#include "daemon/core/engine/association/events.hpp"
#include "daemon/core/engine/association/name_lookup.hpp"
#include "daemon/core/engine/association/turn.hpp"
#include "daemon/core/engine/values/possible_server.hpp"

namespace gnomon::engine {

// What has become of the address that requests go to.
enum class NtpAddressChange : std::uint8_t {
  none,
  found,    // the first one, which says nothing new
  replaced  // another one than before, or than that of the NTS-KE server
};

// What a resolved name has changed.
struct AddressUpdate {
  bool found = false;      // the source's name has an address for the first time
  bool replaced = false;   // it has another address than before
  bool unreached = false;  // the one before could not be reached, and this one has not been tried yet
  NtpAddressChange ntp = NtpAddressChange::none;
};

class AddressFinder {
 public:
  // `known`: an address of the name that is known already, else unspecified. Without NTS the name's address
  // is where requests go; with NTS it is the NTS-KE server, which tells where they go.
  AddressFinder(const config::Source& source, const base::IpAddress& known);

  // --- what to do: look a name up, wait until that is allowed, or nothing.
  [[nodiscard]] std::optional<Action> next(base::MonoTime now, const EngineContext& context);

  // --- what has happened
  void started(base::MonoTime now);
  // The lookup that next() asked for has ended; a failure is noted.
  [[nodiscard]] AddressUpdate resolved(const Resolved& event, const EngineContext& context, Turn& turn);
  void lookup_cancelled(base::MonoTime now);
  void network_changed(base::MonoTime now);
  void went_online(base::MonoTime now) { source_name_.forgive(now); }
  // On command: an address that the name no longer has is replaced.
  void refresh(base::MonoTime now);
  // A valid answer has come from the present address.
  void answered();
  // The present address has not answered. True: another one of the name is to be tried at once. send_failed:
  // nothing could even be sent to it.
  [[nodiscard]] bool try_next(bool send_failed, base::MonoTime now);
  // The present address has not answered for long, or refuses to serve: the name is looked up for others.
  void look_elsewhere();
  // The present address tells a wrong time: for an hour the name has no use for it.
  void found_wrong(base::MonoTime now);
  // NTS-KE could not reach its server. True: the next attempt goes to another address of the name.
  [[nodiscard]] bool ke_unreachable(base::MonoTime now);
  // What NTS-KE has told, and why requests do not go there: a clause. Empty: they do, or its name is not
  // known yet.
  [[nodiscard]] std::string why_refused(const std::string& ntp_server, std::optional<std::uint16_t> ntp_port,
                                        const EngineContext& context) const;
  // NTS-KE has told the server (address or name; empty: the NTS-KE server's own address) and port of NTP.
  [[nodiscard]] NtpAddressChange ke_succeeded(const std::string& ntp_server,
                                              std::optional<std::uint16_t> ntp_port,
                                              const EngineContext& context);
  // Cookies that were kept are good there.
  [[nodiscard]] NtpAddressChange use(const base::Endpoint& ntp);

  // --- what is known
  // Of the configured name; unspecified while unresolved.
  [[nodiscard]] const base::IpAddress& source_address() const { return source_address_; }
  // The same, for the NTS-KE that begins now.
  [[nodiscard]] const base::IpAddress& begin_ke();
  // Where requests go; address unspecified while not known.
  [[nodiscard]] const base::Endpoint& ntp() const { return ntp_; }
  // None of the name's addresses has answered yet, and there are others than the present one.
  [[nodiscard]] bool searches() const;
  // Another address of the name may be willing to serve.
  [[nodiscard]] bool is_pool_member() const;

 private:
  enum class Asked : std::uint8_t { none, source_name, ntp_server_name };

  [[nodiscard]] base::AddressFamily family(const EngineContext& context) const;
  [[nodiscard]] Resolve ask(Asked whom, const EngineContext& context);
  [[nodiscard]] AddressUpdate source_resolved(const std::vector<base::IpAddress>& addresses,
                                              const std::vector<base::IpAddress>& taken, std::size_t choice);
  [[nodiscard]] NtpAddressChange ntp_server_resolved(const Resolved& event, const EngineContext& context,
                                                     Turn& turn);
  [[nodiscard]] KeServer ke_server(const EngineContext& context) const;
  void lookup_failed(NameLookup& lookup, std::string_view why, Turn& turn) const;
  [[nodiscard]] NtpAddressChange use(const base::IpAddress& address);
  [[nodiscard]] std::vector<base::IpAddress> substitutes(const std::vector<base::IpAddress>& addresses,
                                                         const std::vector<base::IpAddress>& taken) const;
  [[nodiscard]] bool is_tried(const base::IpAddress& address) const;
  [[nodiscard]] bool has_untried() const;
  void avoid_present();
  void forget_tried();
  void forget_wrong(base::MonoTime now);
  [[nodiscard]] bool is_wrong(const base::IpAddress& address) const;

  config::SourceKind kind_;
  bool nts_;
  bool name_is_literal_ = false;
  base::AddressFamily own_family_;
  std::uint16_t default_port_;

  NameLookup source_name_;
  NameLookup ntp_server_name_;  // as NTS-KE told it
  Asked asked_ = Asked::none;   // by the lookup under way
  bool avoid_present_ = false;  // the next answer is to give another address if there is one

  base::IpAddress source_address_;
  base::Endpoint ntp_;
  bool heard_ = false;                        // the present NTP address has answered
  std::vector<base::IpAddress> known_;        // of the source's name, as last resolved
  std::vector<base::IpAddress> tried_;        // of these, without any answer in this round
  std::vector<base::IpAddress> unreachable_;  // of these, nothing could be sent to
  int rounds_ = 0;                            // through all of them, since any has answered
  struct Wrong {
    base::IpAddress address;
    base::MonoTime since;
  };
  std::vector<Wrong> wrong_;
  std::vector<base::IpAddress> ke_others_;  // of the same name, not yet tried for NTS-KE
  bool change_ke_server_ = false;           // to one of them, with the next NTS-KE
};

}  // namespace gnomon::engine

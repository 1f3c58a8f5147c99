// SPDX-License-Identifier: GPL-2.0-or-later
// The commands that change the sources.
#include <algorithm>
#include <array>
#include <optional>

#include "base/bytes.hpp"
#include "daemon/core/cmdmon/added_source.hpp"
#include "daemon/core/cmdmon/command.hpp"
#include "daemon/core/engine/values/source_number.hpp"

namespace gnomon::core::cmdmon {

namespace {

using control::SourceCommand;

std::string name_of(const wire::Address& address) {
  if (address.id) return engine::number_of({*address.id});
  return base::to_string(address.ip);
}

// Without an address a reference clock is meant; nullopt: there is no such source.
std::optional<std::string> name_of(const wire::Address& address, base::ReferenceId reference_id,
                                   Services& services) {
  if (address.is_specified()) return name_of(address);
  const auto& sources = services.memory.sources();
  const auto found = std::ranges::find_if(sources, [reference_id](const control::SourceReport& each) {
    return each.association.is_refclock() && each.association.clock_id == reference_id;
  });
  if (found == sources.end()) return std::nullopt;
  return engine::number_of(found->association.id);
}

// The leading ones of a mask; nullopt: there are others behind a zero.
std::optional<std::uint8_t> prefix_length(base::Bytes mask) {
  std::uint8_t bits = 0;
  bool ended = false;
  for (const auto octet : mask)
    for (int bit = 7; bit >= 0; --bit) {
      const bool set = ((octet >> bit) & 1) != 0;
      if (set && ended) return std::nullopt;
      ended = !set;
      if (set) ++bits;
    }
  return bits;
}

// Which sources are meant; nullopt: none can be.
struct Which {
  std::optional<base::Subnet> within;
  std::optional<base::SourceId> only;
};
std::optional<Which> which(const wire::Within& within) {
  const auto& address = within.address;
  if (!address.is_specified()) return Which{};
  if (address.id) return Which{.within = {}, .only = base::SourceId{*address.id}};
  auto bits = std::optional{base::address_bits(address.ip.family)};
  if (within.mask.is_specified()) {
    if (within.mask.ip.family != address.ip.family) return std::nullopt;
    bits = prefix_length(within.mask.ip.bytes());
  }
  if (!bits) return std::nullopt;
  return Which{.within = base::network_of(address.ip, *bits), .only = {}};
}

template <bool Online>
wire::Reply set_online(const wire::Within& within, Services& services) {
  const auto meant = which(within);
  if (!meant) return failure(wire::Status::no_such_source);
  return apply_command(SourceCommand{control::SetOnline{Online, meant->within, meant->only}}, services);
}

wire::Reply burst(const wire::Burst& burst, Services& services) {
  constexpr std::int32_t most_exchanges = 10000;
  const auto meant = which(burst.within);
  if (!meant) return failure(wire::Status::no_such_source);
  const auto total = std::clamp(burst.total, 1, most_exchanges);
  const auto good = std::clamp(burst.good, 1, total);
  return apply_command(SourceCommand{control::Burst{good, total, meant->within, meant->only}}, services);
}

// A literal as a template argument.
template <std::size_t Size>
struct Name {
  constexpr Name(const char (&its_text)[Size]) { std::copy_n(its_text, Size, text); }  // NOLINT
  char text[Size]{};                                                                   // NOLINT
};
template <Name Option>
wire::Reply modify(const wire::Modify& modify, Services& services) {
  if (!modify.source.is_specified()) return failure(wire::Status::no_such_source);
  return apply_command(
      SourceCommand{control::ModifySource{name_of(modify.source), Option.text, modify.value}}, services);
}

wire::Reply modify_offset(const wire::Offset& offset, Services& services) {
  const auto source = name_of(offset.source, offset.reference_id, services);
  if (!source) return failure(wire::Status::no_such_source);
  return apply_command(SourceCommand{control::ModifySource{*source, "offset", offset.offset.count()}},
                       services);
}

wire::Reply modify_select_options(const wire::SelectOptions& options, Services& services) {
  const auto source = name_of(options.source, options.reference_id, services);
  if (!source) return failure(wire::Status::no_such_source);
  control::SetSelectOptions command{.source = *source, .options = {}};
  const auto change = [&](std::uint32_t bit, std::uint32_t flag, const char* name) {
    if ((options.mask & bit) == 0) return;
    command.options.push_back(((options.options & flag) != 0 ? "+" : "-") + std::string{name});
  };
  change(wire::select_bit::no_select, wire::source_flag::no_select, "noselect");
  change(wire::select_bit::prefer, wire::source_flag::prefer, "prefer");
  change(wire::select_bit::trust, wire::source_flag::trust, "trust");
  change(wire::select_bit::require, wire::source_flag::require, "require");
  return apply_command(SourceCommand{command}, services);
}

wire::Reply add_source(const wire::AddSource& wanted, Services& services) {
  auto source = added_source(wanted);
  if (!source) return failure(source.error());
  return apply_command(SourceCommand{control::AddSource{std::move(*source)}}, services);
}

wire::Reply delete_source(const wire::Target& target, Services& services) {
  if (!target.address.is_specified()) return failure(wire::Status::no_such_source);
  return apply_command(SourceCommand{control::DeleteSource{name_of(target.address)}}, services);
}

template <class T>
wire::Reply change_all(const wire::Nothing& /*none*/, Services& services) {
  return apply_command(SourceCommand{T{}}, services);
}

// chronyd says that all went well, whatever is in the files, and scripts of DHCP clients rely on it; the log
// tells of mistakes.
wire::Reply reload_sources(const wire::Nothing& /*none*/, Services& services) {
  static_cast<void>(apply_command(SourceCommand{control::ReloadSources{}}, services));
  return {};
}

constexpr std::array source_table{
    Command{wire::Code::online, with<wire::Within, set_online<true>>},
    Command{wire::Code::offline, with<wire::Within, set_online<false>>},
    Command{wire::Code::onoffline, with<wire::Nothing, change_all<control::FollowNetwork>>},
    Command{wire::Code::burst, with<wire::Burst, burst>},
    Command{wire::Code::modify_minpoll, with<wire::Modify, modify<"minpoll">>},
    Command{wire::Code::modify_maxpoll, with<wire::Modify, modify<"maxpoll">>},
    Command{wire::Code::modify_maxdelay, with<wire::Modify, modify<"maxdelay">>},
    Command{wire::Code::modify_maxdelayratio, with<wire::Modify, modify<"maxdelayratio">>},
    Command{wire::Code::modify_maxdelaydevratio, with<wire::Modify, modify<"maxdelaydevratio">>},
    Command{wire::Code::modify_minstratum, with<wire::Modify, modify<"minstratum">>},
    Command{wire::Code::modify_polltarget, with<wire::Modify, modify<"polltarget">>},
    Command{wire::Code::modify_offset, with<wire::Offset, modify_offset>},
    Command{wire::Code::modify_selectopts, with<wire::SelectOptions, modify_select_options>},
    Command{wire::Code::add_source, with<wire::AddSource, add_source>},
    Command{wire::Code::del_source, with<wire::Target, delete_source>},
    Command{wire::Code::refresh, with<wire::Nothing, change_all<control::RefreshNames>>},
    Command{wire::Code::reload_sources, with<wire::Nothing, reload_sources>},
    Command{wire::Code::reset_sources, with<wire::Nothing, change_all<control::ResetSources>>},
    Command{wire::Code::dump, with<wire::Nothing, change_all<control::DumpState>>},
};

}  // namespace

Commands source_commands() {
  return source_table;
}

}  // namespace gnomon::core::cmdmon

// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/cmdmon/added_source.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>

#include "base/address.hpp"
#include "config/parse.hpp"

namespace gnomon::core::cmdmon {

namespace wire = protocol::cmdmon;
namespace flag = protocol::cmdmon::source_flag;

namespace {

constexpr std::int32_t never_presend = 100;  // chronyc's default

// Of a number that its field may be too small for.
template <class To, class From>
To within(From value, To low = std::numeric_limits<To>::min(), To high = std::numeric_limits<To>::max()) {
  if (std::cmp_less(value, low)) return low;
  return std::cmp_greater(value, high) ? high : static_cast<To>(value);
}

std::optional<int> count_if_any(std::int32_t value) {
  return value < 0 ? std::nullopt : std::optional<int>{value};
}

std::optional<config::SourceKind> kind_of(std::uint32_t type) {
  switch (static_cast<wire::SourceType>(type)) {
    case wire::SourceType::server:
      return config::SourceKind::server;
    case wire::SourceType::peer:
      return config::SourceKind::peer;
    case wire::SourceType::pool:
      return config::SourceKind::pool;
  }
  return std::nullopt;
}

base::AddressFamily family_of(std::uint32_t flags) {
  if ((flags & flag::ipv4) != 0) return base::AddressFamily::ipv4;
  return (flags & flag::ipv6) != 0 ? base::AddressFamily::ipv6 : base::AddressFamily::unspecified;
}

void set_flags(config::Source& source, std::uint32_t flags) {
  const auto has = [flags](std::uint32_t one) { return (flags & one) != 0; };
  source.offline = !has(flag::online);
  source.auto_offline = has(flag::auto_offline);
  source.iburst = has(flag::iburst);
  source.burst = has(flag::burst);
  source.prefer = has(flag::prefer);
  source.no_select = has(flag::no_select);
  source.trust = has(flag::trust);
  source.require = has(flag::require);
  source.interleaved = has(flag::interleaved);
  source.nts = has(flag::nts);
  source.copy = has(flag::copy);
  source.family = family_of(flags);
  source.monotonic_root = has(flag::field_mono_root);
  source.network_correction = has(flag::field_net_correction);
}

void set_numbers(config::Source& source, const wire::AddSource& wanted) {
  source.port = within<std::uint16_t>(wanted.port);
  source.nts_port = within<std::uint16_t>(wanted.nts_port);
  source.cert_set = wanted.cert_set;
  source.key_id = wanted.key_id;
  source.min_poll = {within<std::int8_t>(wanted.min_poll)};
  source.max_poll = {within<std::int8_t>(wanted.max_poll)};
  source.max_delay = std::max(wanted.max_delay, base::Seconds{0});
  source.max_delay_ratio = std::max(wanted.max_delay_ratio, 0.0);
  source.max_delay_dev_ratio = std::max(wanted.max_delay_dev_ratio, 0.0);
  source.max_delay_quantile = std::max(wanted.max_delay_quantile, 0.0);
  source.min_delay = wanted.min_delay;
  source.asymmetry = wanted.asymmetry;
  source.offset = wanted.offset;
  source.min_samples = count_if_any(wanted.min_samples);
  source.max_samples = count_if_any(wanted.max_samples);
  if (wanted.max_unreach > 0) source.max_unreach = wanted.max_unreach;
  source.filter = std::max(wanted.filter, 0);
  source.poll_target = within<int>(wanted.poll_target, 1);
  if (wanted.presend < never_presend) source.presend = {within<std::int8_t>(wanted.presend)};
  source.min_stratum = {within<std::uint8_t>(wanted.min_stratum, 0, 15)};
  source.version = within<int>(wanted.version, 0, 4);
  source.max_sources = within<int>(wanted.max_sources, 1);
}

}  // namespace

std::expected<config::Source, wire::Status> added_source(const wire::AddSource& wanted) {
  const auto kind = kind_of(wanted.type);
  if (!kind) return std::unexpected(wire::Status::invalid);
  if (!wanted.name || !config::is_source_name(*wanted.name))
    return std::unexpected(wire::Status::invalid_name);
  config::Source source{.kind = *kind, .name = *wanted.name};
  set_flags(source, wanted.flags);
  set_numbers(source, wanted);
  config::bring_into_range(source);
  const auto literal = base::parse_address(source.name);
  const bool any_family = source.family == base::AddressFamily::unspecified;
  if (literal && !any_family && literal->family != source.family)
    return std::unexpected(wire::Status::invalid_address_family);
  return source;
}

}  // namespace gnomon::core::cmdmon

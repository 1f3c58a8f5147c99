// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/waitsync.hpp"

#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/number.hpp"
#include "ctl/render/cells.hpp"
#include "ctl/render/record.hpp"
#include "ctl/varlink/complaint.hpp"

namespace gnomon::ctl {

namespace {

// Of a daemon that serves its own clock (`local`): no source.
constexpr std::int64_t local_reference = 0x7f7f0101;

bool follows_a_source(const Record& tracking) {
  const auto id = tracking.integer("reference_id");
  return tracking.optional_text("address") || (id != 0 && id != local_reference);
}

bool is_close(double value, double limit) {
  return limit == 0 || std::fabs(value) <= limit;
}

std::string line(std::uint32_t count, const Record& tracking) {
  return fmt::format("try: {}, refid: {}, correction: {:.9f}, skew: {:.3f}\n", count,
                     reference_id_hex(tracking.integer("reference_id")),
                     std::fabs(tracking.number("system_time")), tracking.number("skew"));
}

}  // namespace

std::expected<WaitSync, std::string> parse_waitsync(const std::vector<std::string>& words) {
  constexpr double any = std::numeric_limits<double>::max();
  constexpr std::array highest{static_cast<double>(UINT32_MAX), any, any, 86400.0};
  std::array<double, highest.size()> numbers{0, 0, 0, 10};
  if (words.size() > numbers.size())
    return std::unexpected(fmt::format("unexpected argument '{}'", words[numbers.size()]));
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto value = base::parse_number<double>(words[i], {.low = 0, .high = highest[i]});
    if (!value)
      return std::unexpected(
          highest[i] == any ? fmt::format("'{}' is not a number from 0 on", words[i])
                            : fmt::format("'{}' is not a number from 0 to {:.0f}", words[i], highest[i]));
    numbers[i] = *value;
  }
  return WaitSync{.max_tries = static_cast<std::uint32_t>(numbers[0]),
                  .max_correction = numbers[1],
                  .max_skew = numbers[2],
                  .interval = std::chrono::duration<double>{numbers[3]}};
}

bool wait_until_synchronised(const WaitSync& wanted, const std::string& socket, const WaitContext& context) {
  for (std::uint32_t count = 1;; ++count) {
    const auto reply = context.tracking();
    if (reply) {
      const Record tracking(*reply);
      context.print(line(count, tracking));
      if (follows_a_source(tracking) && is_close(tracking.number("system_time"), wanted.max_correction) &&
          is_close(tracking.number("skew"), wanted.max_skew))
        return true;
    } else {
      context.print(fmt::format("try: {}, {}\n", count, complaint(reply.error(), socket)));
    }
    if (count == wanted.max_tries) return false;
    context.sleep(wanted.interval);
  }
}

}  // namespace gnomon::ctl

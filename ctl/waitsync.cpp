// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/waitsync.hpp"

#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "ctl/complaint.hpp"
#include "ctl/render/cells.hpp"
#include "ctl/render/record.hpp"

namespace gnomon::ctl {

namespace {

// Of a daemon that serves its own clock (`local`): no source.
constexpr std::int64_t local_reference = 0x7f7f0101;

std::optional<double> positive(std::string_view word) {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  const bool whole = error == std::errc{} && end == word.data() + word.size();
  return whole && std::isfinite(value) && value >= 0 ? std::optional{value} : std::nullopt;
}

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
  const auto usage = std::unexpected("waitsync [MAX-TRIES [MAX-CORRECTION [MAX-SKEW [INTERVAL]]]]");
  if (words.size() > 4) return usage;
  std::vector<double> numbers{0, 0, 0, 10};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto value = positive(words[i]);
    if (!value) return usage;
    numbers[i] = *value;
  }
  if (numbers[0] > UINT32_MAX || numbers[3] > 86400) return usage;
  return WaitSync{.max_tries = static_cast<std::uint32_t>(numbers[0]),
                  .max_correction = numbers[1],
                  .max_skew = numbers[2],
                  .interval = std::chrono::duration<double>{numbers[3]}};
}

bool wait_until_synchronised(const WaitSync& wanted, const std::string& socket, const WaitContext& around) {
  for (std::uint32_t count = 1;; ++count) {
    const auto reply = around.tracking();
    if (reply) {
      const Record tracking(*reply);
      around.print(line(count, tracking));
      if (follows_a_source(tracking) && is_close(tracking.number("system_time"), wanted.max_correction) &&
          is_close(tracking.number("skew"), wanted.max_skew))
        return true;
    } else {
      around.print(fmt::format("try: {}, {}\n", count, complaint(reply.error(), socket)));
    }
    if (count == wanted.max_tries) return false;
    around.sleep(wanted.interval);
  }
}

}  // namespace gnomon::ctl

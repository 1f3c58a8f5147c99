// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/wait_bound.hpp"

#include <fmt/format.h>

#include "ctl/render/record.hpp"
#include "ctl/time_span.hpp"
#include "ctl/varlink/complaint.hpp"

namespace gnomon::ctl {

namespace {

using Seconds = std::chrono::duration<double>;

constexpr Seconds shortest_pause{0.1};
constexpr Seconds longest_pause{1};

bool is_reached(const Record& tracking, const WaitBound& wanted) {
  const auto bound = tracking.optional_number("error_bound");
  return tracking.truth("synchronised") && bound && (!wanted.max_error || *bound <= *wanted.max_error);
}

std::string reached_text(const Record& tracking) {
  return fmt::format("Synchronised to {}: the clock is at most {} wrong.\n", tracking.text("name"),
                     time_span_text(tracking.number("error_bound")));
}

std::string why_not(const CallResult& tracking, const std::string& socket, const WaitBound& wanted,
                    const WaitBoundContext& context) {
  if (!tracking) return complaint(tracking.error(), socket);
  const Record last(*tracking);
  if (const auto bound = last.optional_number("error_bound"); bound && wanted.max_error)
    return fmt::format(
        "the clock is synchronised, but may be wrong by {}, and {} was asked for. `gnomonctl "
        "explain` shows the sources; a nearer one has a smaller bound",
        time_span_text(*bound), time_span_text(*wanted.max_error));
  const auto explained = context.explain();
  if (!explained) return complaint(explained.error(), socket);
  const Record situation(*explained);
  return situation.text("summary") + " " + situation.optional_text("remedy").value_or("");
}

}  // namespace

std::expected<std::string, std::string> wait_for_bound(const WaitBound& wanted, const std::string& socket,
                                                       const WaitBoundContext& context) {
  for (auto pause = shortest_pause;; pause = std::min(2.0 * pause, longest_pause)) {
    const auto reply = context.tracking();
    if (reply && is_reached(Record(*reply), wanted)) return reached_text(Record(*reply));
    const auto left = wanted.timeout ? *wanted.timeout - context.elapsed() : longest_pause;
    if (left <= Seconds{0})
      return std::unexpected(fmt::format("not reached within {}: {}", time_span_text(wanted.timeout->count()),
                                         why_not(reply, socket, wanted, context)));
    context.sleep(std::min(pause, left));
  }
}

}  // namespace gnomon::ctl

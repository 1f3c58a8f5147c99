// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/report/report.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "base/os/fd.hpp"
#include "base/os/file.hpp"
#include "ctl/report/history.hpp"
#include "ctl/report/page.hpp"

namespace gnomon::ctl {

namespace {

constexpr double usual_period = 86400;
constexpr double shortest = 60;

// Page after page of a list, until there is nothing new.
template <class Add>
std::expected<void, AskFault> read_all(const ReportContext& context, const char* method, double since,
                                       Add add) {
  std::int64_t after = 0;
  while (true) {
    boost::json::object parameters{{"since", since}};
    if (after > 0) parameters["after"] = after;
    const auto reply = context.ask(method, parameters);
    if (!reply) return std::unexpected(reply.error());
    if (!add(*reply, after)) return {};
  }
}

bool is_special(const std::string& file) {
  struct stat about{};
  return ::stat(file.c_str(), &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode);
}

std::expected<void, int> write_into(const std::string& file, std::string_view text) {
  const base::Fd special{::open(file.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY)};
  if (!special) return std::unexpected(errno);
  while (!text.empty()) {
    const auto count = ::write(special.get(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(errno);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace

std::expected<std::string, std::string> make_report(const ReportWish& wish, const ReportContext& context) {
  Period period{
      .begin = wish.since.value_or(context.now - usual_period), .end = context.now, .utc = context.utc};
  if (period.begin >= period.end) return std::unexpected("--since is not before now");
  History history;
  const auto measured = read_all(context, "Measurements", period.begin, [&](const auto& reply, auto& after) {
    const bool is_news = add_measurements(reply, history);
    after = history.last;
    return is_news;
  });
  if (!measured) return std::unexpected(measured.error().sentence);
  const auto events = read_all(context, "Events", period.begin, [&](const auto& reply, auto& after) {
    return add_events(reply, after, history);
  });
  // Without them (eventmemory 0) the rest is worth seeing.
  if (!events && !events.error().refused) return std::unexpected(events.error().sentence);
  if (!wish.since)  // a day, or what there is of it
    period.begin =
        std::min(std::max(period.begin, first_time(history).value_or(period.begin)), period.end - shortest);
  const auto explained = context.ask("Explain", {});
  if (!explained) return std::unexpected(explained.error().sentence);
  return report_page(history, *explained, period, {.host = context.host, .version = context.version});
}

std::expected<void, std::string> write_report(const std::string& file, const std::string& page) {
  std::signal(SIGXFSZ, SIG_IGN);  // a limit of the file's size is an error like a full disk
  const auto sentence = [&file](const std::string& why) {
    return std::unexpected(fmt::format("{} was not written: {}", file, why));
  };
  if (is_special(file)) {
    const auto written = write_into(file, page);
    return written ? std::expected<void, std::string>{}
                   : sentence(std::generic_category().message(written.error()));
  }
  const auto written = base::write_file_atomically(file, page);
  return written ? std::expected<void, std::string>{} : sentence(base::to_string(written.error()));
}

}  // namespace gnomon::ctl

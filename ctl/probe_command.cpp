// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/probe_command.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "ctl/arguments.hpp"
#include "ctl/check/program_output.hpp"
#include "ctl/probe/report.hpp"
#include "ctl/probe/roles/real.hpp"
#include "ctl/terminal/terminal.hpp"

namespace gnomon::ctl {

namespace {

constexpr std::size_t longest_host = 255;

std::string path_of(const std::string& program, const std::string& folder_in_build) {
  return installed_program(program, folder_in_build)
      .value_or(std::string{GNOMON_LIBEXEC_DIR} + "/" + program);
}

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

// Lines as they come, and on a terminal what is going on in between.
class Live {
 public:
  Live(const View& view, bool on_terminal) : view_(view), on_terminal_(on_terminal) {}

  void begin(std::string_view what) {
    if (on_terminal_) print(fmt::format("\r\033[K  ... {}", what));
  }
  void tell(const probe::Finding& finding) {
    clear();
    print(probe::finding_text(finding, address_, view_));
    address_ = finding.address;
  }
  void clear() {
    if (on_terminal_) print("\r\033[K");
  }

 private:
  const View& view_;
  bool on_terminal_;
  std::string address_;
};

}  // namespace

Made probe_host(std::string_view /*name*/, const Words& words) {
  probe::Options options;
  Words hosts;
  for (const auto& word : words) {
    if (word == "-4")
      options.family = base::AddressFamily::ipv4;
    else if (word == "-6")
      options.family = base::AddressFamily::ipv6;
    else
      hosts.push_back(word);
  }
  if (auto complaint = count_complaint(hosts, 1, 1); !complaint.empty()) return std::unexpected(complaint);
  options.host = hosts.front();
  const auto is_good = [](unsigned char c) { return c > ' ' && c != 0x7f; };
  if (options.host.empty() || options.host.size() > longest_host ||
      !std::ranges::all_of(options.host, is_good))
    return std::unexpected("what follows must be the name or the address of a host");
  return MethodCall{.probe = options};
}

// It would look like a fault of the server.
std::string unreadable(const std::string& authorities) {
  if (authorities.empty() || access(authorities.c_str(), R_OK) == 0) return {};
  return std::generic_category().message(errno);
}

int run_probe(const probe::Options& options, bool json, const View& view) {
  if (const auto why = unreadable(options.trusted); !why.empty()) {
    fmt::print(stderr, "gnomonctl: --trusted {}: {}\n", options.trusted, why);
    return probe::exit_status(probe::Grade::unknown);
  }
  const bool live = !json && !options.nagios;
  const auto terminal = look_at_terminal();
  Live screen{view, live && terminal.is_one && terminal.colours};
  const probe::Programs programs{.ntske = path_of("gnomon-ntske", "helpers/ntske"),
                                 .resolve = path_of("gnomon-resolve", "helpers/resolve"),
                                 .probe = path_of("gnomon-probe", "helpers/probe")};
  const probe::Listener listener{.begin = [&](std::string_view what) { screen.begin(what); },
                                 .tell =
                                     [&](const probe::Finding& finding) {
                                       if (live) screen.tell(finding);
                                     }};
  const auto survey = probe::survey_for_real(options, programs, listener);
  screen.clear();
  const auto verdict = probe::verdict_of(survey, options);
  if (json) {
    print(render_json(probe::as_json(survey, verdict, options)));
  } else if (options.nagios) {
    print(probe::plugin_line(survey, verdict, options));
    std::string address;
    for (const auto& finding : survey.findings) {
      print(probe::finding_text(finding, address, view));
      address = finding.address;
    }
  } else {
    print("\n" + probe::verdict_text(verdict, view));
  }
  return probe::exit_status(verdict.grade);
}

}  // namespace gnomon::ctl

// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/session/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gnomon::ctl {

namespace {

using Words = std::vector<std::string>;

constexpr std::array options_with_value{"-h", "-p", "-f", "-u", "--socket"};
constexpr std::string_view white_space = " \t\r\n\v\f";
constexpr std::string_view comment_marks = "#%;!";

// Letters without values, as in -cm.
bool is_cluster(std::string_view option) {
  return !option.starts_with("--") && !option.starts_with("-h") && !option.starts_with("-p") &&
         !option.starts_with("-f") && !option.starts_with("-u");
}

bool asks_for_text(const std::string& option) {
  return option == "--help" || option == "--version" || option == "-v";
}

// Where chronyc reaches this machine's daemon unless the configuration says otherwise.
constexpr std::array this_machine{"localhost", "127.0.0.1", "::1", "/run/chrony/chronyd.sock",
                                  "/var/run/chrony/chronyd.sock"};

bool is_usual(std::string_view host) {
  return std::ranges::find(this_machine, host) != this_machine.end();
}

}  // namespace

bool takes_value(const std::string& word) {
  return std::ranges::find(options_with_value, word) != options_with_value.end();
}

std::size_t leading_options(const Words& words) {
  std::size_t count = 0;
  while (count < words.size() && words[count].size() > 1 && words[count].front() == '-')
    count += takes_value(words[count]) ? 2U : 1U;
  return std::min(count, words.size());
}

std::optional<Session> session_of(const Words& words) {
  Session session;
  bool several = false;
  std::size_t at = 0;
  while (at < words.size() && words[at].size() > 1 && words[at].front() == '-') {
    auto option = words[at++];
    if (asks_for_text(option)) return std::nullopt;
    several = (is_cluster(option) && std::erase(option, 'm') > 0) || several;
    const bool has_value = takes_value(option);
    if (has_value && at == words.size()) return std::nullopt;  // the parser says so
    if (option != "-") session.options.push_back(std::move(option));
    if (has_value) session.options.push_back(words[at++]);
  }
  session.commands.assign(words.begin() + static_cast<std::ptrdiff_t>(at), words.end());
  session.from_input = session.commands.empty();
  if (!several && !session.from_input) return std::nullopt;
  return session;
}

Words words_in(std::string_view line) {
  Words words;
  for (auto start = line.find_first_not_of(white_space); start != line.npos;) {
    const auto end = std::min(line.find_first_of(white_space, start), line.size());
    words.emplace_back(line.substr(start, end - start));
    start = line.find_first_not_of(white_space, end);
  }
  return words;
}

Words words_of_line(std::string_view line) {
  auto words = words_in(line);
  if (!words.empty() && comment_marks.contains(words.front().front())) return {};
  return words;
}

bool take_option(Words& words, char letter) {
  bool found = false;
  std::size_t at = 0;
  for (std::size_t left = leading_options(words); at < left;) {
    auto& option = words[at];
    const std::size_t size = takes_value(option) ? 2 : 1;
    found = is_cluster(option) && std::erase(option, letter) > 0 ? true : found;
    if (option == "-") {
      words.erase(words.begin() + static_cast<std::ptrdiff_t>(at));
      --left;
    } else {
      at += size;
    }
  }
  return found;
}

std::string wrong_port(std::string_view port, std::string_view hosts) {
  if (port.empty() || port == "323" || hosts.starts_with('/')) return {};
  return fmt::format(
      "gnomonctl uses the control socket and no port, and what listens on {} may be another daemon. Leave -p "
      "out to ask this machine's, or name another gnomond's socket with --socket; only chrony's own chronyc "
      "asks through a port",
      port);
}

// chronyc asks the second where the first does not answer: ours does, or says why not.
std::expected<std::optional<std::string>, std::string> socket_of_hosts(std::string_view hosts) {
  const auto host = hosts.substr(0, hosts.find(','));
  if (is_usual(host)) return std::nullopt;
  if (host.starts_with('/') && !host.ends_with("/chronyd.sock")) return std::string{host};
  const auto remedy =
      host.starts_with('/')
          ? "There chrony's own chronyc asks; another gnomond's control socket is for --socket"
          : "Run the command there, as in `ssh HOST gnomonctl tracking`";
  return std::unexpected(fmt::format(
      "'{}' is not this machine's daemon, and gnomonctl uses its control socket only. {}", host, remedy));
}

}  // namespace gnomon::ctl

// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/certificate_checks.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

#include "base/number.hpp"
#include "base/utc_text.hpp"
#include "config/line_reader.hpp"
#include "ctl/check/program_output.hpp"

namespace gnomon::ctl {

namespace {

// The n-th line of a directive.
const CheckedLine* nth_line(const Configuration& configuration, std::string_view directive, std::size_t n) {
  for (const auto& line : configuration.lines)
    if (line.directive == directive && n-- == 0) return &line;
  return nullptr;
}

// Where the certificate and its key are named.
struct PairLines {
  const CheckedLine& certificate;
  const CheckedLine& key;
};

void say(Findings& findings, Severity severity, const CheckedLine& line, std::string message,
         std::string advice = {}) {
  const auto word = line.words.empty() ? std::string{} : line.words.front();
  findings.all().push_back({severity, line.place, word, std::move(message), std::move(advice)});
}

std::optional<base::RealTime> time_of(std::string_view text) {
  const auto seconds = base::parse_number<std::int64_t>(text);
  if (!seconds) return std::nullopt;
  constexpr auto latest = std::chrono::floor<std::chrono::seconds>(base::RealTime::max().time_since_epoch());
  return base::RealTime{std::clamp(std::chrono::seconds{*seconds}, -latest, latest)};
}

// "FROM UNTIL" in seconds of Unix time.
void judge_dates(std::string_view text, const CheckedLine& line, base::RealTime now, Findings& findings) {
  constexpr std::chrono::days soon{30};
  const auto blank = text.find(' ');
  const auto from = time_of(text.substr(0, blank));
  const auto until = blank == text.npos ? std::nullopt : time_of(text.substr(blank + 1));
  if (!from || !until) return;
  if (now >= *until)
    say(findings, Severity::error, line,
        fmt::format("the certificate expired on {}: NTS clients reject it", base::utc_minutes(*until)),
        "renew it");
  else if (now < *from)
    say(findings, Severity::warning, line,
        fmt::format("by this machine's clock the certificate is not valid before {}",
                    base::utc_minutes(*from)));
  else if (now >= *until - soon)
    say(findings, Severity::warning, line,
        fmt::format("the certificate expires on {}, within 30 days", base::utc_minutes(*until)), "renew it");
}

void read_report(std::string_view report, const PairLines& lines, base::RealTime now, Findings& findings) {
  bool has_name = false;
  bool usable = true;
  std::string distrusted;
  for (config::LineReader reader{report}; auto line = reader.next();) {
    const auto blank = line->text.find(' ');
    const auto key = line->text.substr(0, blank);
    const auto value = blank == std::string_view::npos ? std::string_view{} : line->text.substr(blank + 1);
    if (key == "certificate-fault" || key == "key-fault") {
      say(findings, Severity::error, key == "key-fault" ? lines.key : lines.certificate, std::string{value});
      usable = false;
    } else if (key == "name") {
      has_name = true;
    } else if (key == "valid") {
      judge_dates(value, lines.certificate, now, findings);
    } else if (key == "distrusted") {
      distrusted = value;
    }
  }
  if (has_name && !distrusted.empty())  // who has no name is trusted by nobody
    say(findings, Severity::warning, lines.certificate,
        fmt::format("a client with this machine's trusted certificates would reject it: {}", distrusted),
        "add the intermediate certificates to the file; clients of a private authority need its certificate "
        "in `ntstrustedcerts`");
  if (usable && !has_name)
    say(findings, Severity::error, lines.certificate,
        "the certificate has no subject alternative name: clients reject it (RFC 9525)",
        "get one with the server's DNS name");
}

void check_pair(const PairLines& lines, const Configuration& configuration, base::RealTime now,
                const RunNtske& run, Findings& findings) {
  for (const auto* line : {&lines.certificate, &lines.key}) {
    const auto& path = line->words.front();
    if (access(path.c_str(), F_OK) != 0) return;  // said by the check of files
    if (access(path.c_str(), R_OK) != 0)
      return say(findings, Severity::note, *line,
                 fmt::format("the certificate was not tried: {} cannot be read", path),
                 "run the check as root");
  }
  std::vector<std::string> words{"check", lines.certificate.words.front(), lines.key.words.front()};
  for (const auto& trusted : configuration.config.nts.trusted_certificates) words.push_back(trusted.path);
  const auto report = run(words);
  if (report) return read_report(*report, lines, now, findings);
  say(findings, Severity::note, lines.certificate,
      "the certificate was not tried: gnomon-ntske could not be run");
}

}  // namespace

std::optional<std::string> run_ntske(const std::vector<std::string>& words) {
  const auto program = installed_program("gnomon-ntske", "helpers/ntske");
  return program ? output_of(*program, words) : std::nullopt;
}

void check_certificates(const Configuration& configuration, base::RealTime now, const RunNtske& run,
                        Findings& findings) {
  for (std::size_t i = 0; i < configuration.config.nts.certificates.size(); ++i) {
    const auto* const certificate = nth_line(configuration, "ntsservercert", i);
    const auto* const key = nth_line(configuration, "ntsserverkey", i);
    if (certificate != nullptr && key != nullptr)
      check_pair({*certificate, *key}, configuration, now, run, findings);
  }
}

}  // namespace gnomon::ctl

// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/check.hpp"

#include <chrono>
#include <map>
#include <utility>

#include "config/line_reader.hpp"
#include "ctl/check/certificate_checks.hpp"
#include "ctl/check/configuration.hpp"
#include "ctl/check/directive_checks.hpp"
#include "ctl/check/file_checks.hpp"
#include "ctl/check/key_checks.hpp"
#include "ctl/check/name_checks.hpp"
#include "ctl/check/port_checks.hpp"
#include "ctl/check/refclock_checks.hpp"
#include "ctl/check/report.hpp"
#include "ctl/check/source_checks.hpp"
#include "ctl/render/render.hpp"

namespace gnomon::ctl {

namespace {

// Each file is read again once for the lines to be shown.
class Texts {
 public:
  explicit Texts(const config::FileAccess& files) : files_(files) {}

  std::string line_of(const config::Place& place) {
    const auto [file, fresh] = texts_.try_emplace(place.file);
    if (fresh) file->second = files_.read(place.file).value_or("");
    for (config::LineReader reader{config::text_of_file(file->second)}; auto line = reader.next();)
      if (line->number == place.line)
        return line->text.size() <= config::longest_line ? std::string{line->text} : std::string{};
    return {};
  }

 private:
  const config::FileAccess& files_;
  std::map<std::string, std::string> texts_;
};

Findings findings_of(const CheckOptions& options, const config::FileAccess& files) {
  Findings findings;
  const auto configuration = read_configuration(options.file, files, findings);
  check_sources(configuration, findings);
  check_directives(configuration, findings);
  check_keys(configuration, findings);
  check_reference_clocks(configuration, findings);
  const auto account = daemon_account(configuration, findings);
  check_files(configuration, account ? &*account : nullptr, findings);
  const base::RealTime now{std::chrono::system_clock::now().time_since_epoch()};
  check_certificates(configuration, now, run_ntske, findings);
  check_ports(configuration, read_port_tables(), holder_of, findings);
  if (options.resolve) check_names(configuration, look_up, findings);
  return findings;
}

}  // namespace

CheckResult check_config(const CheckOptions& options) {
  const auto files = config::real_files(options.file);
  auto findings = findings_of(options, files);
  Texts texts{files};
  const LineOf line_of = [&](const config::Place& place) {
    return findings.is_secret(place.file) ? std::string{} : texts.line_of(place);
  };
  arrange(findings.all(), options.file, line_of);
  const auto& all = findings.all();
  return {.text = options.json ? render_json(as_json(all, options.file, line_of))
                               : as_text(all, options.file, line_of),
          .status = exit_status(all)};
}

}  // namespace gnomon::ctl

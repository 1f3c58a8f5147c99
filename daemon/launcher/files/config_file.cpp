// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/config_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "config/network.hpp"

namespace gnomon::launcher {
namespace {

bool is_default_file_missing(const config::CommandLine& options, const config::FileAccess& files) {
  return options.directives.empty() && options.config_file == config::CommandLine{}.config_file &&
         files.glob(options.config_file).empty();
}

}  // namespace

std::expected<config::Parsed, std::vector<std::string>> read_configuration(const config::CommandLine& options,
                                                                           const config::FileAccess& files) {
  if (is_default_file_missing(options, files))
    return std::unexpected(
        std::vector{fmt::format("gnomond: there is no configuration at {}: write one (two lines make a "
                                "client: `server time.example.net iburst nts` and `makestep 1 3`), name "
                                "another with -f, or give directives as arguments",
                                options.config_file)});
  auto parsed = options.directives.empty() ? config::parse_file(options.config_file, files)
                                           : config::parse_lines(options.directives, files);
  if (parsed) return std::move(*parsed);
  std::vector<std::string> complaints;
  for (const auto& diagnostic : parsed.error()) complaints.push_back(config::to_text(diagnostic));
  complaints.push_back(fmt::format("gnomond: configuration has {} error{}, not starting",
                                   parsed.error().size(), parsed.error().size() == 1 ? "" : "s"));
  return std::unexpected(std::move(complaints));
}

base::OsResult<base::Fd> sealed_copy(const std::vector<config::EffectiveLine>& lines) {
  std::string text;
  for (const auto& line : lines) text += config::handed_over(line.text) + "\n";
  base::Fd memory{memfd_create("gnomon.conf", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
  if (!memory) return std::unexpected(base::last_error("memfd_create"));
  if (write(memory.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return std::unexpected(base::last_error("write"));
  if (fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
    return std::unexpected(base::last_error("fcntl(F_ADD_SEALS)"));
  if (lseek(memory.get(), 0, SEEK_SET) != 0) return std::unexpected(base::last_error("lseek"));
  return memory;
}

}  // namespace gnomon::launcher

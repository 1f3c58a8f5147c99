// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/clock/dump_store.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <vector>

#include "base/os/error.hpp"
#include "base/os/file.hpp"
#include "base/os/regular_file.hpp"
#include "daemon/core/engine/discipline/history.hpp"

namespace gnomon::core {

namespace {

constexpr std::string_view suffix = ".dat";
constexpr std::size_t largest = 64UL * 1024;

// chrony names the file of a reference clock by its refid: refid:50505300.dat
std::string stem_of(const engine::SourceTraits& source) {
  return source.is_refclock() ? fmt::format("refid:{:08x}", source.clock_id.value)
                              : base::to_string(source.address);
}

bool is_reference_id(std::string_view stem) {
  constexpr std::string_view prefix = "refid:";
  constexpr std::size_t digits = 8;
  return stem.starts_with(prefix) && stem.size() == prefix.size() + digits &&
         std::ranges::all_of(stem.substr(prefix.size()),
                             [](unsigned char c) { return std::isxdigit(c) != 0; });
}

struct DumpFileName {
  std::string path;
  std::string stem;
};

std::vector<DumpFileName> dump_files(const std::string& directory) {
  std::vector<DumpFileName> files;
  std::error_code error;
  for (std::filesystem::directory_iterator at{directory, error}, end; !error && at != end;
       at.increment(error)) {
    const auto name = at->path().filename().string();
    if (!name.ends_with(suffix)) continue;
    auto stem = name.substr(0, name.size() - suffix.size());
    if (base::parse_address(stem) || is_reference_id(stem))
      files.push_back({at->path().string(), std::move(stem)});
  }
  return files;
}

}  // namespace

DumpStore::DumpStore(std::string directory, bool restore, base::Log& log, const base::Now& now)
    : directory_(std::move(directory)), log_(log), read_at_(now) {
  if (directory_.empty()) return;
  for (const auto& file : dump_files(directory_)) {
    const bool told = restore && !load(file.path, file.stem);
    if (unlink(file.path.c_str()) != 0 && !told)
      log_.write(base::LogEvent::dump_not_removed,
                 fmt::format("Could not remove the dump file {}: {}", file.path,
                             base::to_string(base::last_error("unlink"))),
                 {{base::LogField::file, file.path}});
  }
}

bool DumpStore::load(const std::string& path, const std::string& stem) {
  const auto text = base::read_file(path, largest);
  if (!text) {
    log_.write(base::LogEvent::dump_unreadable,
               fmt::format("Could not read the dump file {}: {}; {}", path, base::to_string(text.error()),
                           base::remedy_of_reading(text.error().code, "dumpdir")),
               {{base::LogField::file, path}});
    return false;
  }
  auto dump = engine::parse_dump(*text);
  if (dump)
    found_.insert_or_assign(stem, std::move(*dump));
  else
    log_.write(base::LogEvent::dump_rejected,
               fmt::format("Could not load dump file {}: {}; its source is measured afresh", path,
                           engine::to_text(dump.error())),
               {{base::LogField::file, path}, {base::LogField::reason, engine::to_text(dump.error())}});
  return true;
}

std::optional<engine::Dump> DumpStore::take(const engine::SourceTraits& source) {
  auto node = found_.extract(stem_of(source));
  if (node.empty()) return std::nullopt;
  const auto& name = source.source.name;
  const auto fit = engine::fits(node.mapped(), engine::name_in_dump(source), source.authenticated, read_at_);
  if (!fit) {
    log_.write(base::LogEvent::dump_rejected,
               fmt::format("Could not load dump file for {} ({}): {}; it is measured afresh", node.key(),
                           name, engine::to_text(fit.error())),
               {{base::LogField::source, name}, {base::LogField::reason, engine::to_text(fit.error())}});
    return std::nullopt;
  }
  log_.write(base::LogEvent::dump_loaded, fmt::format("Loaded dump file for {}", node.key()),
             {{base::LogField::source, name}, {base::LogField::address, node.key()}});
  return std::move(node.mapped());
}

void DumpStore::save(const engine::SourceTraits& source, const engine::Dump& dump) {
  if (!used()) return;
  const auto path = fmt::format("{}/{}{}", directory_, stem_of(source), suffix);
  const auto written = base::write_file_atomically(path, engine::to_text(dump), 0644);
  if (!written)
    log_.write(base::LogEvent::dump_not_written,
               fmt::format("Could not write the dump file {}: {}; {}", path, base::to_string(written.error()),
                           base::remedy_of_writing(written.error().code, path, "dumpdir")),
               {{base::LogField::file, path}, {base::LogField::os_error, written.error().code}});
}

}  // namespace gnomon::core

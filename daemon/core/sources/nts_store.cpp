// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/sources/nts_store.hpp"

#include <fmt/core.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/os/file.hpp"
#include "base/os/regular_file.hpp"

namespace gnomon::core {

std::string NtsStore::path(const base::IpAddress& ke_server, const char* suffix) const {
  return fmt::format("{}/{}{}", directory_, base::to_string(ke_server), suffix);
}

std::string NtsStore::read(const std::string& path) const {
  auto text = base::read_file(path, protocol::max_cookie_file);
  if (text) return std::move(*text);
  if (text.error().code != ENOENT)
    log_.write(base::LogEvent::cookies_unreadable,
               fmt::format("Could not read {}: {}; {}", path, base::to_string(text.error()),
                           base::remedy_of_reading(text.error().code, "ntsdumpdir")),
               {{base::LogField::file, path}, {base::LogField::os_error, text.error().code}});
  return {};
}

engine::Kept NtsStore::load_kept(const base::IpAddress& ke_server) const {
  engine::Kept kept;
  if (directory_.empty()) return kept;
  const auto cookie_path = path(ke_server, ".nts");
  if (auto text = read(cookie_path); !text.empty()) {
    auto file = protocol::parse_cookie_file(text);
    explicit_bzero(text.data(), text.size());
    if (file)
      kept.cookies = std::move(*file);
    else
      log_.write(base::LogEvent::cookies_rejected,
                 fmt::format("The NTS cookies in {} are not used: {}; a new key exchange follows",
                             cookie_path, file.error()),
                 {{base::LogField::file, cookie_path}, {base::LogField::reason, file.error()}});
  }
  const auto wait_path = path(ke_server, ".ke");
  if (const auto text = read(wait_path); !text.empty()) {
    kept.back_off = engine::parse_back_off(text);
    if (!kept.back_off)
      log_.write(base::LogEvent::cookies_rejected, fmt::format("{} is not understood and ignored", wait_path),
                 {{base::LogField::file, wait_path}});
  }
  return kept;
}

void NtsStore::write(const std::string& path, const std::string& text) {
  if (text.empty()) {
    base::remove_file(path);
    return;
  }
  const auto written = base::write_file_atomically(path, text, 0600);
  auto& told = failures_[path];
  const int error = written ? 0 : written.error().code;
  if (error != 0 && error != told)
    log_.write(base::LogEvent::cookies_not_saved,
               fmt::format("Could not write {}: {}; a restart will need a new key exchange; {}", path,
                           base::to_string(written.error()),
                           base::remedy_of_writing(written.error().code, path, "ntsdumpdir")),
               {{base::LogField::file, path}, {base::LogField::os_error, written.error().code}});
  told = error;
}

void NtsStore::keep(const engine::NtsMemory& memory) {
  if (directory_.empty()) return;
  auto text = memory.cookies ? protocol::to_cookie_file(*memory.cookies) : std::string{};
  write(path(memory.ke_server, ".nts"), text);
  explicit_bzero(text.data(), text.size());
  write(path(memory.ke_server, ".ke"), memory.back_off ? engine::to_text(*memory.back_off) : std::string{});
}

}  // namespace gnomon::core

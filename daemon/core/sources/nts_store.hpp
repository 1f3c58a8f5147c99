// SPDX-License-Identifier: GPL-2.0-or-later
// What NTS sources keep over a restart, as files of ntsdumpdir: `ADDRESS.nts` with keys and cookies in
// chrony's format, `ADDRESS.ke` with how long NTS-KE is left alone. Owned by the core.
#pragma once

#include <map>
#include <string>

#include "base/os/log.hpp"
#include "daemon/core/engine/association/association.hpp"

namespace gnomon::core {

class NtsStore {
 public:
  // Empty directory: nothing is kept.
  NtsStore(std::string directory, base::Log& log) : directory_(std::move(directory)), log_(log) {}
  NtsStore(const NtsStore&) = delete;
  NtsStore& operator=(const NtsStore&) = delete;

  // What was kept of this NTS-KE server; the log says what cannot be used and why.
  [[nodiscard]] engine::Kept load_kept(const base::IpAddress& ke_server) const;
  void keep(const engine::NtsMemory& memory);

 private:
  [[nodiscard]] std::string path(const base::IpAddress& ke_server, const char* suffix) const;
  [[nodiscard]] std::string read(const std::string& path) const;
  // Empty text: the file goes.
  void write(const std::string& path, const std::string& text);

  std::string directory_;
  base::Log& log_;
  std::map<std::string, int> failures_;  // errno of the last one told, by file
};

}  // namespace gnomon::core

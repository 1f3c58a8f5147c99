// SPDX-License-Identifier: GPL-2.0-or-later
// The dump files of a dumpdir: one per source, named by its address or, of a reference clock, by its
// reference identifier; read at start when wanted and then removed, written at the end and on command. Owned
// by the core.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/os/log.hpp"
#include "base/time.hpp"
#include "daemon/core/engine/values/dump_file.hpp"
#include "daemon/core/engine/values/source_status.hpp"

namespace gnomon::core {

class DumpStore {
 public:
  // restore: reads what is there. All dump files are removed either way: they say nothing of a later run.
  // Empty directory: nothing is read or written.
  DumpStore(std::string directory, bool restore, base::Log& log, const base::Now& now);

  // What was kept of the source, once; nullopt: nothing, or nothing that fits, and the log says why.
  [[nodiscard]] std::optional<engine::Dump> take(const engine::SourceTraits& source);
  void save(const engine::SourceTraits& source, const engine::Dump& dump);
  [[nodiscard]] bool used() const { return !directory_.empty(); }

 private:
  bool load(const std::string& path, const std::string& stem);

  std::string directory_;
  base::Log& log_;
  base::Now read_at_;
  std::map<std::string, engine::Dump> found_;  // by the name of the file, without its ending
};

}  // namespace gnomon::core

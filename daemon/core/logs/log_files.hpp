// SPDX-License-Identifier: GPL-2.0-or-later
// The log files that `log` asks for: each is opened by the launcher when it first has something to say, and
// again after `cyclelogs`. A file that cannot be opened or written costs one message; the rest goes on, and
// so does the file as soon as it can. Owned by the core.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/os/fd.hpp"
#include "base/os/log.hpp"
#include "base/time.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/values/log_records.hpp"
#include "daemon/core/logs/log_file.hpp"
#include "ipc/launcher_messages.hpp"

namespace gnomon::core {

class LogFiles {
 public:
  // Asks for a file; it, or the reason why there is none, comes to opened(), at once or later.
  using Open = std::function<void(ipc::FileKind)>;
  LogFiles(const config::ProcessSettings& settings, base::Log& log, Open open);

  // Other files from now on; the old ones are closed.
  void set(const config::ProcessSettings& settings);
  [[nodiscard]] bool used() const { return !files_.empty(); }
  void write(const engine::LogRecord& record, base::MonoTime now);
  // No file: `reason` says why.
  void opened(ipc::FileKind log, base::Fd file, const std::string& reason, base::MonoTime now);
  // The files were renamed: the next lines go to new ones.
  void cycle();

 private:
  struct Entry {
    LogFile file;
    std::string path;
    bool asked = false;  // for the file
    base::MonoTime next_try = base::MonoTime::min();
    bool failed = false;  // and that was said
  };
  void add(ipc::FileKind log, base::MonoTime now, std::string_view line);
  void push(ipc::FileKind log, Entry& entry, base::MonoTime now);
  void flush(Entry& entry);
  void complain(Entry& entry, const std::string& reason);
  void recovered(Entry& entry);

  base::Log& log_;
  Open open_;
  bool raw_ = false;
  std::map<ipc::FileKind, Entry> files_;
};

}  // namespace gnomon::core

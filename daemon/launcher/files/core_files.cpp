// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/core_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/os/error.hpp"
#include "base/os/regular_file.hpp"

namespace gnomon::launcher {
namespace {

// Nobody is waited for, whatever stands there.
constexpr int log_flags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
constexpr mode_t log_mode = 0644;

std::unexpected<std::string> file_failed(const char* call, const std::string& path) {
  const auto error = base::last_error(call);
  if (error.code == ELOOP) return std::unexpected<std::string>("a symbolic link is in its place");
  return std::unexpected(base::to_string(error) + "; " + base::remedy_of_writing(error.code, path, "logdir"));
}

std::expected<base::Fd, std::string> open_log(const std::string& path) {
  base::Fd file{::open(path.c_str(), log_flags | O_CREAT | O_EXCL, log_mode)};
  // Readable as chronyd's are, whatever the umask.
  if (file && fchmod(file.get(), log_mode) != 0) return file_failed("fchmod", path);
  if (!file && errno == EEXIST) file = base::Fd{::open(path.c_str(), log_flags)};
  if (!file) return file_failed("open", path);
  struct stat opened{};
  if (fstat(file.get(), &opened) != 0) return file_failed("fstat", path);
  if (!S_ISREG(opened.st_mode)) return std::unexpected("it is not a regular file");
  return file;
}

}  // namespace

CoreFiles::CoreFiles(const config::Config& config, const std::string& user) : user_name_(user), user_(user) {
  const auto& process = config.process;
  const auto wanted = [&process](std::string_view name) {
    return std::ranges::find(process.logs, name) != process.logs.end();
  };
  for (const auto log : ipc::log_kinds) {
    const bool raw = log == ipc::FileKind::measurements_log && wanted("rawmeasurements");
    if (!process.log_dir.empty() && (raw || wanted(ipc::log_name(log))))
      paths_[log] = process.log_dir + "/" + std::string{ipc::log_name(log)} + ".log";
  }
  const auto& temperature = config.hardware.temperature;
  if (!temperature) return;
  paths_[ipc::FileKind::sensor] = temperature->sensor_file;
  if (!temperature->point_file.empty()) paths_[ipc::FileKind::temperature_points] = temperature->point_file;
}

std::string CoreFiles::why(const std::string& path, const base::NotOpened& refusal) const {
  if (refusal.error != EACCES || !user_.is_somebody()) return base::why_unreadable(path, refusal);
  return "Permission denied; it must be readable for the user " + user_name_;
}

std::expected<base::Fd, std::string> CoreFiles::open(ipc::FileKind kind) const {
  const auto at = paths_.find(kind);
  if (at == paths_.end()) return std::unexpected("the configuration does not name it");
  const base::AsFileUser as{user_};
  if (!ipc::log_name(kind).empty()) return open_log(at->second);
  const auto opened = base::open_regular_file(at->second);
  if (!opened) return std::unexpected(why(at->second, opened.error()));
  return base::Fd{*opened};
}

}  // namespace gnomon::launcher

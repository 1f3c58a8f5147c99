// SPDX-License-Identifier: GPL-2.0-or-later
// Decides when the files of `ntsservercert` and `ntsserverkey` must be read again, because they are no longer
// what was last read. Checks them by path, so that a changed link, a file renamed into place and one
// rewritten in place all count. Owned by the supervisor.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/os/file.hpp"
#include "base/time.hpp"
#include "config/config.hpp"

namespace gnomon::launcher {

// How often they are looked at where nobody tells of changes; where the kernel does, for what it does not
// see, such as a file system mounted over a folder; and how often while they change.
inline constexpr base::Duration certificate_interval = std::chrono::seconds{5};
inline constexpr base::Duration certificate_rare_interval = std::chrono::hours{1};
inline constexpr base::Duration certificate_unrest_interval = std::chrono::seconds{1};
// Certificate and key are written one after the other: not looked into before both have been left alone for
// this long.
inline constexpr base::Duration certificate_quiet = std::chrono::seconds{2};

class CertificateWatch {
 public:
  using Stamps = std::vector<std::optional<base::FileStamp>>;
  using StampOf = std::function<std::optional<base::FileStamp>(const std::string&)>;

  CertificateWatch() = default;  // there are none
  explicit CertificateWatch(std::vector<std::string> paths, StampOf stamp_of = base::stamp_of)
      : paths_(std::move(paths)), stamp_of_(std::move(stamp_of)) {}
  [[nodiscard]] static CertificateWatch of(const config::Config& config);

  [[nodiscard]] const std::vector<std::string>& paths() const { return paths_; }
  // Whether hear_change() is called from now on when one may have changed.
  void set_told(bool told) { interval_ = told ? certificate_rare_interval : certificate_interval; }
  // Something may have changed: the next look is due now.
  void hear_change(base::MonoTime now) { next_look_ = now; }
  // They are about to be read.
  void reading(base::MonoTime now);
  // When to look again; nullopt: never.
  [[nodiscard]] std::optional<base::MonoTime> next_look() const;
  // The files that have changed since they were read and are at rest now; mostly none. Too early: none.
  [[nodiscard]] std::vector<std::string> look(base::MonoTime now);

 private:
  [[nodiscard]] Stamps look_at_all() const;

  std::vector<std::string> paths_;
  StampOf stamp_of_;
  Stamps read_;
  Stamps seen_;                  // at the last look
  base::MonoTime seen_since_{};  // that they are like this
  base::MonoTime next_look_{};
  base::Duration interval_ = certificate_interval;
};

}  // namespace gnomon::launcher

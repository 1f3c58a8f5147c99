// SPDX-License-Identifier: GPL-2.0-or-later
// The files that are read again when they change: certificates that are shown, authorities that are trusted,
// and the secret for server keys. Hears of changes from the kernel, and looks now and then where it does not
// tell. Owned by the supervisor.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/os/path_watch.hpp"
#include "base/time.hpp"
#include "daemon/launcher/files/certificate_watch.hpp"
#include "daemon/launcher/files/key_files.hpp"

namespace gnomon::launcher {

class WatchedFiles {
 public:
  // `keys`: their owner's, who outlives this.
  WatchedFiles(KeyFiles& keys, CertificateWatch certificates, CertificateWatch trust)
      : keys_(keys), certificates_(std::move(certificates)), trust_(std::move(trust)) {}

  // Those of another configuration; followed by the next follow().
  void replace(CertificateWatch certificates, CertificateWatch trust);
  // The kernel is asked to tell of changes in a while: the start has other things to do, and who runs once
  // would wait for the end of it.
  void follow_later(base::MonoTime now) { follow_due_ = now + certificate_interval; }
  // Now; what has changed before this is seen by the looks that follow.
  void follow(base::MonoTime now);
  // They are about to be read.
  void reading_certificates(base::MonoTime now) { certificates_.reading(now); }
  void reading_trust(base::MonoTime now) { trust_.reading(now); }

  // Readable: hear(). -1: nothing is to be heard now; in a busy folder not with each file.
  [[nodiscard]] int descriptor(base::MonoTime now) const;
  void hear(base::MonoTime now);

  struct Changes {
    bool secret = false;
    std::vector<std::string> certificates;  // paths
    std::vector<std::string> trust;
  };
  // What has changed since it was read and is at rest now; mostly nothing.
  [[nodiscard]] Changes look(base::MonoTime now);
  // When to look, or to ask for the descriptor, again; nullopt: never.
  [[nodiscard]] std::optional<base::MonoTime> next_look(base::MonoTime now) const;

 private:
  KeyFiles& keys_;
  CertificateWatch certificates_;
  CertificateWatch trust_;
  base::PathWatch watch_;
  base::MonoTime next_hearing_;
  std::optional<base::MonoTime> follow_due_;  // nullopt: they are followed
};

}  // namespace gnomon::launcher

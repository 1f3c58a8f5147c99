// SPDX-License-Identifier: GPL-2.0-or-later
// Where the core asks for the files of `sourcedir`, one after the other. Owned by the supervisor.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "base/os/fd.hpp"
#include "daemon/launcher/files/source_folders.hpp"

namespace gnomon::launcher {

class SourceChannel {
 public:
  SourceChannel() = default;  // nobody asks
  // `channel`: non-blocking; the core has the other end.
  SourceChannel(SourceFolders folders, base::Fd channel)
      : folders_(std::move(folders)), channel_(std::move(channel)) {}

  [[nodiscard]] int descriptor() const { return channel_.get(); }  // readable: answer()

  enum class Asked : std::uint8_t {
    nothing,  // the core has gone, or nothing has come
    first,    // for which all folders were looked into
    next
  };
  // One request at a time, so the channel has room for the reply, unless the core does not read. Error: what
  // the core did that it may not do.
  [[nodiscard]] std::expected<Asked, std::string> answer();

 private:
  SourceFolders folders_{{}, {}};
  base::Fd channel_;
};

}  // namespace gnomon::launcher

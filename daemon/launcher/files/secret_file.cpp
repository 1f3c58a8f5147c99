// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/secret_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdlib>

#include <fmt/format.h>

#include "base/os/error.hpp"
#include "base/os/regular_file.hpp"

namespace gnomon::launcher {
namespace {

constexpr std::string_view credential = "$CREDENTIALS_DIRECTORY/";
// Nobody else may read it, no group may write it. A group that reads is the daemon's: `root:_gnomon`, or the
// mask of the access list by which systemd gives a credential to the unit's user.
constexpr mode_t forbidden_bits = 027;

}  // namespace

std::unexpected<std::string> SecretFile::unusable(const std::string& path, const std::string& why) const {
  return std::unexpected(
      fmt::format("{} (`{}`) in {} cannot be used: {}", kind_.what, kind_.directive, path, why));
}

std::expected<std::string, std::string> SecretFile::path() const {
  if (!configured_.starts_with(credential)) return configured_;
  const char* const directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory == nullptr)
    return unusable(configured_,
                    "systemd gave this process no credentials; add LoadCredential= or "
                    "LoadCredentialEncrypted= to the unit");
  return std::string{directory} + "/" + configured_.substr(credential.size());
}

std::expected<SecretFile::Opened, std::string> SecretFile::open() {
  const auto where = path();
  if (!where) return std::unexpected(where.error());
  seen_ = base::stamp_of(*where);
  // Not to wait for the writer of a pipe.
  base::Fd file{::open(where->c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!file) {
    const auto error = base::last_error("open");
    return unusable(*where,
                    base::to_string(error) + "; " + base::remedy_of_reading(error.code, kind_.directive));
  }
  struct stat about{};
  if (fstat(file.get(), &about) != 0) return unusable(*where, base::to_string(base::last_error("fstat")));
  if (!S_ISREG(about.st_mode))
    return unusable(*where, "it is not a file; " + base::remedy_of_reading(0, kind_.directive));
  Opened opened{std::move(file), {}};
  if ((about.st_mode & forbidden_bits) == 0) return opened;
  const auto mode = about.st_mode & 07777U;
  if (kind_.others_may_not_read)
    return unusable(*where, fmt::format("others can read or change it (mode {:04o}); chmod 600 it, and if it "
                                        "was readable for long, create a new secret",
                                        mode));
  opened.advice = fmt::format("Others can read or change {} (`{}`, mode {:04o}): chmod 640 it", *where,
                              kind_.directive, mode);
  return opened;
}

bool SecretFile::changed() const {
  if (!wanted()) return false;
  const auto where = path();
  return where && base::stamp_of(*where) != seen_;
}

}  // namespace gnomon::launcher

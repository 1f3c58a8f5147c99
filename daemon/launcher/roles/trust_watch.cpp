// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/trust_watch.hpp"

#include <filesystem>
#include <system_error>

#include "base/os/trust_places.hpp"
#include "daemon/launcher/roles/role_setups.hpp"

namespace gnomon::launcher {
namespace {

namespace fs = std::filesystem;

// Sums, because directory order is arbitrary; an added or removed entry also changes the directory itself.
void add(base::FileStamp& sum, const base::FileStamp& more) {
  sum.inode ^= more.inode;
  sum.size += more.size;
  sum.changed_s += more.changed_s;
  sum.changed_ns += more.changed_ns;
}

// Those that are not there, too: a package may bring them.
void add_places_of_system(std::vector<std::string>& paths) {
  const auto named = base::trust_places_of_environment();
  if (named.empty())
    paths.insert(paths.end(), base::trust_places.begin(), base::trust_places.end());
  else
    paths.insert(paths.end(), named.begin(), named.end());
}

}  // namespace

std::optional<base::FileStamp> stamp_of_store(const std::string& path) {
  auto stamp = base::stamp_of(path);
  std::error_code ec;
  if (!stamp || !fs::is_directory(path, ec)) return stamp;
  for (fs::directory_iterator entry{path, ec}, end; !ec && entry != end; entry.increment(ec))
    if (const auto one = base::stamp_of(entry->path().string())) add(*stamp, *one);
  return stamp;
}

CertificateWatch trust_watch_of(const config::Config& config) {
  if (!needs_ke_client(config)) return {};
  std::vector<std::string> paths;
  if (!config.nts.no_system_certificates) add_places_of_system(paths);
  for (const auto& trusted : config.nts.trusted_certificates) paths.push_back(trusted.path);
  return CertificateWatch{std::move(paths), stamp_of_store};
}

}  // namespace gnomon::launcher

// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/resolve/name_files.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/os/file.hpp"
#include "base/take_number.hpp"

namespace gnomon::resolve {

namespace {

constexpr const char* switch_file = "/etc/nsswitch.conf";
// One by one: what else lies in /etc is keys, passwords and other people's configuration.
constexpr std::array files{"/etc/resolv.conf", "/etc/hosts",      "/etc/nsswitch.conf", "/etc/gai.conf",
                           "/etc/host.conf",   "/etc/services",   "/etc/protocols",     "/etc/networks",
                           "/etc/ld.so.cache", "/etc/mdns.allow", "/etc/hostname"};
constexpr std::array nscd_sockets{"/run/nscd/socket", "/var/run/nscd/socket"};

// These do with files, packets to name servers, and what the kernel says.
constexpr std::array<std::string_view, 7> without_services{"files",  "dns",     "db",           "myhostname",
                                                           "compat", "libvirt", "libvirt_guest"};

bool is_there(const std::string& path) {
  struct stat file{};
  return stat(path.c_str(), &file) == 0;
}

// Takes the first word off the text; empty: there is none.
std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(base::blanks), text.size()));
  const auto word = text.substr(0, text.find_first_of(base::blanks));
  text.remove_prefix(word.size());
  return word;
}

}  // namespace

std::vector<std::string> host_modules(const std::string& nsswitch) {
  for (std::string_view rest{nsswitch}; !rest.empty();) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    auto words = line.substr(0, line.find('#'));
    if (take_word(words) != "hosts:") continue;
    std::vector<std::string> modules;
    // [NOTFOUND=return] and the like are no modules.
    bool condition = false;
    for (auto word = take_word(words); !word.empty(); word = take_word(words)) {
      condition = condition || word.starts_with('[');
      if (!condition) modules.emplace_back(word);
      if (word.ends_with(']')) condition = false;
    }
    return modules;
  }
  return {"dns", "files"};
}

bool needs_unix_sockets(const std::vector<std::string>& modules) {
  return std::ranges::any_of(modules, [](const std::string& module) {
    return std::ranges::find(without_services, module) == without_services.end();
  });
}

NameFiles::NameFiles(const std::string& root) {
  for (const char* const path : files) to_read_.push_back(root + path);
  watched_ = to_read_;
  bool nscd = false;
  for (const char* const path : nscd_sockets) {
    watched_.push_back(root + path);
    nscd = nscd || is_there(watched_.back());
  }
  // Before they are read: what changes in the meantime is a change.
  for (const auto& path : watched_) states_.push_back(look_at(path));
  need_unix_sockets_ =
      nscd || needs_unix_sockets(host_modules(base::read_file(root + switch_file).value_or("")));
}

NameFiles::State NameFiles::look_at(const std::string& path) {
  struct stat file{};
  if (stat(path.c_str(), &file) != 0) return {};
  const auto modified = std::int64_t{file.st_mtim.tv_sec} * 1'000'000'000 + file.st_mtim.tv_nsec;
  return {true, file.st_dev, file.st_ino, modified, file.st_size};
}

bool NameFiles::replaced() const {
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    const auto now = look_at(watched_[i]);
    const auto& then = states_[i];
    if (now.present != then.present || now.device != then.device || now.inode != then.inode) return true;
  }
  return false;
}

bool NameFiles::changed() const {
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    const auto now = look_at(watched_[i]);
    const auto& then = states_[i];
    if (now.present != then.present || now.device != then.device || now.inode != then.inode ||
        now.modified != then.modified || now.size != then.size)
      return true;
  }
  return false;
}

}  // namespace gnomon::resolve

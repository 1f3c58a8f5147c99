// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/keys/symmetric_key_store.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/os/file.hpp"
#include "base/secret.hpp"
#include "protocol/crypto/keyed_digest.hpp"
#include "protocol/mac/symmetric_key_file.hpp"

namespace gnomon::core {

namespace {

std::string sentence(const std::string& path, const protocol::KeyLineComplaint& complaint) {
  const auto where = fmt::format("line {} of {}", complaint.line, path);
  return complaint.id == 0
             ? fmt::format("Could not parse key: {} {}", where, complaint.text)
             : fmt::format("Key {} in {} is not used: it {}", complaint.id, where, complaint.text);
}

}  // namespace

SymmetricKeyStore::SymmetricKeyStore(std::string path, base::Log& log)
    : path_(std::move(path)), log_(log), keys_(std::make_shared<const protocol::SymmetricKeys>()) {}

std::string SymmetricKeyStore::refuse(const std::string& why, int os_error) {
  auto said = fmt::format(
      "The file of symmetric keys (`keyfile`) {} cannot be used: {}; the keys read before, if any, stay in "
      "use",
      path_, why);
  log_.write(base::LogEvent::symmetric_keys_unreadable, said,
             {{base::LogField::directive, "keyfile"}, {base::LogField::os_error, os_error}});
  return said;
}

std::expected<void, std::string> SymmetricKeyStore::use(int file) {
  auto text = base::read_to_end(file, protocol::largest_key_file);
  if (!text) return std::unexpected(refuse(base::to_string(text.error()), text.error().code));
  auto read = protocol::parse_symmetric_keys(*text, protocol::is_supported);
  explicit_bzero(text->data(), text->size());
  for (const auto& complaint : read.complaints)
    log_.write(base::LogEvent::symmetric_key_refused, sentence(path_, complaint),
               {{base::LogField::file, path_}, {base::LogField::reason, complaint.text}});
  // A file that is being written, or is none of keys, takes nobody's keys away.
  const auto broken = std::ranges::find(read.complaints, 0U, &protocol::KeyLineComplaint::id);
  if (keys_->size() > 0 && broken != read.complaints.end())
    return std::unexpected(refuse(fmt::format("line {} {}", broken->line, broken->text), 0));
  const auto count = read.keys.size();
  keys_ = std::make_shared<const protocol::SymmetricKeys>(std::move(read.keys));
  log_.write(count == 0 ? base::LogEvent::symmetric_keys_none : base::LogEvent::symmetric_keys_loaded,
             fmt::format("Loaded {} symmetric key{} from {}", count, count == 1 ? "" : "s", path_),
             {{base::LogField::count, count}, {base::LogField::file, path_}});
  return {};
}

}  // namespace gnomon::core

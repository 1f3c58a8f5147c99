// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/key_checks.hpp"

#include <fmt/format.h>
#include <strings.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "base/os/file.hpp"
#include "base/secret.hpp"
#include "config/line_reader.hpp"
#include "protocol/mac/symmetric_key_file.hpp"
#include "protocol/nts/key_secret_file.hpp"

namespace gnomon::ctl {

namespace {

using protocol::SymmetricKeyFile;

bool is_hidden(const base::OsError& error) {
  return error.code == EACCES || error.code == EPERM;
}

// Which types the daemon's library has is for the daemon to say.
bool any_type(protocol::KeyType /*type*/) {
  return true;
}

void say_unread(const CheckedLine& line, const base::OsError& error, Findings& findings) {
  const auto& path = line.words.front();
  if (error.code == ENOENT || error.code == ENOTDIR) return;  // said by the check of files
  if (is_hidden(error))
    return findings.note(line.place, path, fmt::format("the keys were not checked: {} cannot be read", path),
                         "run the check as root");
  const auto why = error.code == EFBIG ? fmt::format("is longer than {} octets", protocol::largest_key_file)
                   : error.code == 0 || error.code == EISDIR ? std::string{"is not a file"}
                                                             : "cannot be read: " + base::to_string(error);
  findings.error(line.place, path, fmt::format("{} {}: there are no keys", path, why),
                 "name a file with lines of the form ID [TYPE] KEY");
}

void say_complaints(const std::string& path, const SymmetricKeyFile& file, Findings& findings) {
  for (const auto& complaint : file.complaints) {
    const config::Place place{path, static_cast<int>(complaint.line), static_cast<int>(complaint.column)};
    const bool known = complaint.id != 0;
    findings.warning(
        place, {},
        fmt::format("{} is not used: it {}", known ? fmt::format("key {}", complaint.id) : "the line",
                    complaint.text),
        known
            ? fmt::format("remove or correct the line; `gnomonctl keygen {}` prints a good one", complaint.id)
            : "remove or correct the line; `gnomonctl keygen 1` prints one as it should be");
  }
}

// nullopt: it is not known what is in it.
std::optional<SymmetricKeyFile> read_keys(const CheckedLine& line, Findings& findings) {
  const auto& path = line.words.front();
  auto text = base::read_file(path, protocol::largest_key_file);
  if (!text) {
    say_unread(line, text.error(), findings);
    return is_hidden(text.error()) ? std::nullopt : std::optional{SymmetricKeyFile{}};
  }
  auto file = protocol::parse_symmetric_keys(*text, any_type);
  explicit_bzero(text->data(), text->size());
  findings.keep_secret(path);
  say_complaints(path, file, findings);
  return file;
}

std::string no_key(const std::string& path, std::uint32_t id) {
  std::error_code none;
  return std::filesystem::exists(path, none) ? fmt::format("{} has no key {} that can be used", path, id)
                                             : fmt::format("{} does not exist, nor key {}", path, id);
}

void check_source(const CheckedSource& source, const std::string& path, const SymmetricKeyFile& file,
                  Findings& findings) {
  const auto id = source.source.key_id;
  const auto* const key = file.keys.find(id);
  if (key == nullptr)
    findings.error(source.place, "key", no_key(path, id) + ": the source is not queried",
                   "add the key that the server has under this number, or correct the number");
  else if (key->is_short())
    findings.warning(source.place, "key",
                     fmt::format("key {} is too short: anyone who sees the requests may guess it", id),
                     fmt::format("create another with `gnomonctl keygen {}`, for the server too", id));
}

bool is_one_digit(std::string_view line) {
  constexpr std::string_view blanks = " \t\r";
  const auto first = line.find_first_not_of(blanks);
  if (first == line.npos || line[first] == '#') return false;
  const auto digits = line.substr(first, line.find_last_not_of(blanks) - first + 1);
  return digits.find_first_not_of(digits.front()) == digits.npos;
}

void judge_secrets(const CheckedLine& line, std::string_view text, Findings& findings) {
  const auto& path = line.words.front();
  constexpr auto make_one = "create one with `openssl rand -hex 32`, the same for every server";
  auto secrets = protocol::octets_of_secrets(text);
  if (!secrets)
    return findings.error(
        line.place, path,
        fmt::format("{} is rejected ({}): without a secret the keys of this server are random, and "
                    "no other server can open its cookies",
                    path, secrets.error()),
        make_one);
  for (auto& secret : *secrets) base::wipe(secret);
  for (config::LineReader reader{text}; auto each = reader.next();)
    if (is_one_digit(each->text))
      findings.warning(
          line.place, path,
          fmt::format("line {} of {} repeats one digit: anyone who tries it can read and forge cookies",
                      each->number, path),
          make_one);
}

void check_key_secret(const CheckedLine& line, Findings& findings) {
  if (line.words.empty() || line.words.front().starts_with('$'))
    return;  // a credential of the running service
  const auto& path = line.words.front();
  auto text = base::read_file(path, protocol::max_secret_file);
  findings.keep_secret(path);
  if (text) {
    judge_secrets(line, *text, findings);
    explicit_bzero(text->data(), text->size());
    return;
  }
  const int code = text.error().code;
  if (code == ENOENT || code == ENOTDIR || code == EACCES || code == EPERM)
    return;  // said by the check of files
  findings.error(line.place, path,
                 code == EFBIG ? fmt::format("{} is longer than {} octets: it is rejected", path,
                                             protocol::max_secret_file)
                 : code == 0 || code == EISDIR
                     ? fmt::format("{} is not a file: there is no secret", path)
                     : fmt::format("{} cannot be read: {}", path, base::to_string(text.error())),
                 "name a file with one secret in each line");
}

}  // namespace

void check_keys(const Configuration& configuration, Findings& findings) {
  if (const auto* const secret = configuration.find("ntskeysecret")) check_key_secret(*secret, findings);
  const auto* const line = configuration.find("keyfile");
  const bool named = line != nullptr && !line->words.empty();
  const auto file = named ? read_keys(*line, findings) : std::nullopt;
  for (const auto& source : configuration.sources) {
    if (source.source.key_id == 0 || source.source.nts) continue;  // with both, NTS counts
    if (file)
      check_source(source, line->words.front(), *file, findings);
    else if (!named)
      findings.error(
          source.place, "key",
          fmt::format("there is no `keyfile` with key {}: the source is not queried", source.source.key_id),
          "add `keyfile`, or remove the option");
  }
}

}  // namespace gnomon::ctl

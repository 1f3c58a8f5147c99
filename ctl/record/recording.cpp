// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/record/recording.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include "base/raw_text.hpp"
#include "ctl/record/sealed_line.hpp"
#include "ctl/render/record.hpp"
#include "ipc/base64.hpp"

namespace gnomon::ctl {

namespace {

volatile std::sig_atomic_t stop_came = 0;
std::array<struct sigaction, 3> before{};
constexpr std::array stopping{SIGINT, SIGTERM, SIGHUP};
constexpr mode_t owner_only = 0600;

// A file that was there keeps its mode otherwise; what is none, /dev/stdout, is somebody's choice.
bool is_owners_only(int descriptor) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) return false;
  return !S_ISREG(status.st_mode) || ::fchmod(descriptor, owner_only) == 0;
}

// A list of texts in base64.
std::vector<std::string> octets_of(const boost::json::object& reply, const char* member) {
  const auto* const list = reply.if_contains(member);
  if (list == nullptr || !list->is_array()) throw ReplyFault(member);
  std::vector<std::string> all;
  for (const auto& each : list->get_array()) {
    auto octets = each.is_string() ? ipc::from_base64(each.get_string()) : std::nullopt;
    if (!octets) throw ReplyFault(member);
    all.push_back(std::move(*octets));
  }
  return all;
}

}  // namespace

StopSignals::StopSignals() {
  stop_came = 0;
  struct sigaction action{};
  action.sa_handler = [](int) { stop_came = 1; };
  for (std::size_t i = 0; i < stopping.size(); ++i) ::sigaction(stopping.at(i), &action, &before.at(i));
}

StopSignals::~StopSignals() {
  for (std::size_t i = 0; i < stopping.size(); ++i) ::sigaction(stopping.at(i), &before.at(i), nullptr);
}

bool StopSignals::came() {
  return stop_came != 0;
}

std::expected<RecordFile, std::string> RecordFile::create(const std::string& path, bool overwrite) {
  std::signal(SIGXFSZ, SIG_IGN);  // a limit of the file's size is an error like a full disk
  const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY;
  int descriptor = ::open(path.c_str(), flags | O_EXCL, owner_only);
  const bool is_new = descriptor >= 0;
  if (!is_new && errno == EEXIST && overwrite) descriptor = ::open(path.c_str(), flags, owner_only);
  if (descriptor >= 0 && !is_new && !is_owners_only(descriptor)) {
    const int error = errno;
    ::close(descriptor);
    descriptor = -1;
    errno = error;
  }
  if (descriptor >= 0) return RecordFile{path, descriptor, is_new};
  if (errno == EEXIST)
    return std::unexpected(
        fmt::format("{} is there already. Name another file, or write over it with --force", path));
  return std::unexpected(
      fmt::format("{} cannot be written: {}", path, std::generic_category().message(errno)));
}

RecordFile::RecordFile(RecordFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      is_new_(other.is_new_),
      forms_(std::move(other.forms_)),
      lines_(other.lines_),
      lost_(other.lost_) {}

RecordFile::~RecordFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  if (lines_ == 0 && is_new_) ::unlink(path_.c_str());
}

std::string RecordFile::failure(int error) const {
  return fmt::format("{} has {} lines and no end: {}", path_, lines_, std::generic_category().message(error));
}

std::expected<void, std::string> RecordFile::put(std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(descriptor_, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(failure(errno));
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

std::expected<void, std::string> RecordFile::write(std::string_view object) {
  if (lines_ == 0 && !is_new_ && ::ftruncate(descriptor_, 0) != 0 && errno != EINVAL)
    return std::unexpected(failure(errno));
  const auto written = put(sealed(lines_ + 1, object));
  if (written) ++lines_;
  return written;
}

std::expected<void, std::string> RecordFile::write_reply(const boost::json::object& reply) {
  const auto lost = Record(reply).integer("lost");
  if (lost > 0) {
    lost_ += static_cast<std::uint64_t>(lost);
    if (auto written = write(fmt::format(R"({{"kind":"lost","lines":{}}})", lost)); !written) return written;
  }
  if (reply.contains("forms")) forms_ = octets_of(reply, "forms");
  for (const auto& raw : octets_of(reply, "lines")) {
    const auto text = base::written_out(raw, forms_);
    if (!text || !text->starts_with("{\"kind\":")) throw ReplyFault("lines");
    if (auto written = write(*text); !written) return written;
  }
  return {};
}

std::expected<void, std::string> RecordFile::finish(std::string_view reason) {
  auto written = write(fmt::format(R"({{"kind":"end","reason":"{}","lost":{}}})", reason, lost_));
  if (!written) return written;
  if (::fsync(descriptor_) != 0 && errno != EINVAL && errno != EROFS) return std::unexpected(failure(errno));
  return {};
}

}  // namespace gnomon::ctl

// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/sources/source_files.hpp"

#include <poll.h>

#include <array>
#include <cerrno>
#include <map>
#include <utility>

#include "base/os/channel.hpp"
#include "base/os/file.hpp"
#include "ipc/codec.hpp"

namespace gnomon::core {

namespace {

constexpr int timeout_ms = 5000;
constexpr std::size_t largest_file = 1U << 20U;

constexpr std::string_view pattern_end = "/*.sources";

using Text = std::expected<std::string, std::string>;

// What has been found so far, in the shape that the parser asks for.
struct Found {
  std::map<std::string, std::vector<std::string>> files;  // by folder
  std::map<std::string, Text> texts;                      // by path
  std::map<std::string, config::FolderTrouble> troubles;  // by folder
};

std::expected<base::Datagram, std::string> ask(int channel, bool first, base::MutableBytes into) {
  if (const auto sent = base::send_datagram(channel, ipc::encode(ipc::OpenSources{first}, 0)); !sent)
    return std::unexpected(base::to_string(sent.error()));
  pollfd readable{channel, POLLIN, 0};
  int ready = -1;
  do ready = poll(&readable, 1, timeout_ms);
  while (ready < 0 && errno == EINTR);
  if (ready <= 0) return std::unexpected("gnomond does not answer");
  auto received = base::receive_datagram(channel, into);
  if (!received) return std::unexpected(base::to_string(received.error()));
  return std::move(*received);
}

Text text_of(const base::Fd& file, const std::string& reason) {
  if (!file) return std::unexpected(reason);
  auto text = base::read_to_end(file.get(), largest_file);
  if (!text) return std::unexpected(base::to_string(text.error()));
  return std::move(*text);
}

void take(Found& found, const std::string& folder, const ipc::SourcesOpened& opened, const base::Fd& file) {
  if (opened.name.empty()) {
    found.troubles.insert_or_assign(folder,
                                    config::FolderTrouble{folder, opened.reason, opened.error == ENOENT});
    return;
  }
  const auto path = folder + "/" + opened.name;
  found.files[folder].push_back(path);
  found.texts.insert_or_assign(path, text_of(file, opened.reason));
}

config::FileAccess access_to(const Found& found) {
  return {.read = [&found](const std::string& path) -> Text { return found.texts.at(path); },
          .glob =
              [&found](const std::string& pattern) {
                const auto at = found.files.find(pattern.substr(0, pattern.size() - pattern_end.size()));
                return at == found.files.end() ? std::vector<std::string>{} : at->second;
              },
          .folder_trouble = [&found](const std::string& folder) -> std::optional<config::FolderTrouble> {
            const auto at = found.troubles.find(folder);
            if (at == found.troubles.end()) return std::nullopt;
            return at->second;
          }};
}

}  // namespace

SourceFiles::SourceFiles(base::Fd channel, const config::Config& config)
    : channel_(std::move(channel)), groups_(config.process.source_dirs) {
  for (const auto& group : groups_) folders_.insert(folders_.end(), group.begin(), group.end());
}

std::expected<config::SourcesFile, std::string> SourceFiles::read() {
  if (!channel_) return config::SourcesFile{};
  Found found;
  std::array<std::uint8_t, ipc::max_frame_size> buffer{};
  for (bool first = true;; first = false) {
    auto received = ask(channel_.get(), first, buffer);
    if (!received) return std::unexpected(received.error());
    const auto frame = ipc::parse_frame(base::Bytes{buffer}.first(received->size));
    if (frame && frame->type == ipc::MessageType::sources_end) break;
    const auto opened = frame ? ipc::decode<ipc::SourcesOpened>(*frame) : std::unexpected(frame.error());
    if (!opened || opened->folder >= folders_.size() || opened->name.contains('/'))
      return std::unexpected("gnomond's answer is not understood");
    take(found, folders_[opened->folder], *opened, received->descriptor);
  }
  return config::read_source_dirs(groups_, access_to(found));
}

}  // namespace gnomon::core

// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/probe/roles/helper.hpp"

#include <csignal>
#include <utility>

#include "base/os/channel.hpp"

namespace gnomon::ctl::probe {
namespace {

// What the roles of gnomond get as well.
std::vector<std::string> environment_of_helpers() {
  return base::chosen_environment({"TZ", "RES_OPTIONS", "LOCALDOMAIN", "SSL_CERT_FILE", "SSL_CERT_DIR",
                                   "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"});
}

}  // namespace

Helper::Helper(std::string program, std::vector<std::string> words, std::vector<int> descriptors,
               ipc::Link link)
    : program_(std::move(program)),
      words_(std::move(words)),
      descriptors_(std::move(descriptors)),
      link_(link),
      received_(ipc::max_frame_size) {}

// It may be in the middle of something that takes long, as looking up a name does.
Helper::~Helper() {
  channel_.close();
  if (!child_.pidfd) return;
  static_cast<void>(base::send_signal(child_, SIGKILL));
  static_cast<void>(base::wait_for(child_));
}

void Helper::start() {
  auto channel = base::make_channel();
  if (!channel) return;
  base::Program program{.path = program_,
                        .arguments = words_,
                        .descriptors = {channel->theirs.get()},
                        .environment = environment_of_helpers()};
  program.descriptors.insert(program.descriptors.end(), descriptors_.begin(), descriptors_.end());
  auto child = base::spawn(program);
  if (!child) return;
  child_ = std::move(*child);
  channel_ = std::move(channel->ours);
}

bool Helper::send(base::Buffer datagram) {
  if (!channel_ && !failed_) start();
  const bool sent = channel_ && base::send_datagram(channel_.get(), datagram);
  explicit_bzero(datagram.data(), datagram.size());  // keys
  failed_ = failed_ || !sent;
  return sent;
}

std::optional<ipc::Frame> Helper::receive(const WaitReadable& wait) {
  if (failed_ || !wait(channel_.get())) return std::nullopt;
  const auto received = base::receive_datagram(channel_.get(), received_);
  failed_ = true;
  if (!received || received->size == 0 || received->descriptor) return std::nullopt;
  const auto frame = ipc::parse_frame(base::Bytes{received_}.first(received->size));
  if (!frame || frame->request_id != last_id_ || !ipc::is_legal(frame->type, link_, ipc::Sender::helper))
    return std::nullopt;
  failed_ = false;
  return *frame;
}

}  // namespace gnomon::ctl::probe

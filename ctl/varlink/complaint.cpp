// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/varlink/complaint.hpp"

#include <fmt/format.h>

#include <string_view>

#include "ctl/render/prose.hpp"
#include "ctl/render/record.hpp"

namespace gnomon::ctl {

namespace {

constexpr std::string_view own_errors = "io.gnomon.Control.";
constexpr std::string_view varlink_errors = "org.varlink.service.";

std::string explanation(const CallError& error) {
  try {
    return Record(error.parameters).optional_text("explanation").value_or("");
  } catch (const ReplyFault&) {
    return "";
  }
}

std::string parameter_of(const CallError& error) {
  try {
    return Record(error.parameters).optional_text("parameter").value_or("");
  } catch (const ReplyFault&) {
    return "";
  }
}

std::string sentence(const std::string& text) {
  return text.empty() || text.ends_with('.') ? text : text + '.';
}

// An error that the daemon replied with.
std::string reply_complaint(const CallError& error, const std::string& path) {
  const auto detail = harmless_text(error.detail);
  std::string_view name = detail;
  if (name == "org.varlink.service.InvalidParameter")
    return fmt::format("gnomond rejected the value of '{}': it is out of range, or not a number",
                       parameter_of(error));
  if (name.starts_with(varlink_errors)) return version_complaint(std::string(name), path);
  if (name.starts_with(own_errors)) name.remove_prefix(own_errors.size());
  const std::string why = sentence(explanation(error));
  if (name == "NotPermitted")  // the daemon knows best who may, and says so
    return fmt::format(
        "gnomond refused: {}",
        why.empty()
            ? "only root and members of the group gnomon-operators may do this. Try: sudo gnomonctl ..."
            : why);
  if (!why.empty()) return "gnomond could not do it: " + why;
  return fmt::format("gnomond could not do it: {} Its journal may say more: journalctl -u gnomond",
                     sentence(std::string(name)));
}

}  // namespace

std::string version_complaint(const std::string& detail, const std::string& socket_path) {
  return fmt::format(
      "gnomond at {} does not support this gnomonctl's version of the interface ({}). Do both have the same "
      "version? Compare: gnomonctl --version ; gnomond --version . After an upgrade: systemctl restart "
      "gnomond",
      socket_path, detail);
}

std::string complaint(const CallError& error, const std::string& socket_path) {
  switch (error.fault) {
    case CallFault::no_socket:
      return fmt::format(
          "cannot reach gnomond at {}: {}. Is it running? Try: systemctl status gnomond ; or give --socket "
          "PATH",
          socket_path, error.detail);
    case CallFault::no_access:
      return fmt::format(
          "cannot reach gnomond at {}: {}. The socket's mode decides who may connect (ls -l {}): join its "
          "group, or try: sudo gnomonctl ...",
          socket_path, error.detail, socket_path);
    case CallFault::timeout:
      return fmt::format(
          "gnomond at {} did not answer in time. Is it stopped or overloaded? Try: systemctl status gnomond",
          socket_path);
    case CallFault::closed:
      return fmt::format(
          "gnomond at {} closed the connection before it answered ({}). Is it shutting down? Try: journalctl "
          "-u gnomond -n 20",
          socket_path, error.detail);
    case CallFault::bad_reply:
      return fmt::format(
          "the program listening at {} does not answer like gnomond ({}). Is --socket or GNOMON_CONTROL "
          "right?",
          socket_path, error.detail);
    case CallFault::replied:
      return reply_complaint(error, socket_path);
    case CallFault::local_error:
      break;
  }
  return fmt::format("cannot talk to gnomond at {}: {}. Is --socket or GNOMON_CONTROL right?", socket_path,
                     error.detail);
}

}  // namespace gnomon::ctl

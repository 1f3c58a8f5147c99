// SPDX-License-Identifier: GPL-2.0-or-later
// The terminal while `watch` has it: another screen, keys without echo, and everything as it was afterwards,
// however the process ends. There is one at a time; owned by the watch.
#pragma once

#include <termios.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <string>

namespace gnomon::ctl {

enum class ScreenEvent : std::uint8_t {
  time,     // nothing happened for so long
  resized,  // or begun again after it was stopped
  quit,     // a key, a signal, or the terminal has gone
  longer,   // keys
  shorter,
  other_key
};

class Screen {
 public:
  Screen();  // standard output is a terminal
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  // False: the terminal has gone.
  [[nodiscard]] bool show(const std::string& text);
  [[nodiscard]] ScreenEvent wait(std::chrono::milliseconds longest);
  // Whether somebody can press keys.
  [[nodiscard]] bool has_keys() const { return has_keys_; }

 private:
  void enter();
  void stop();  // as Ctrl-Z wants it, until SIGCONT
  [[nodiscard]] ScreenEvent read_key();

  bool has_keys_ = false;
  sigset_t waiting_{};  // what is let in while it waits
  sigset_t before_{};
};

}  // namespace gnomon::ctl

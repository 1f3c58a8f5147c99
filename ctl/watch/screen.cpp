// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/watch/screen.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

namespace gnomon::ctl {

namespace {

// xterm's, which others understand or ignore: the other screen, no cursor, no wrap at the right edge; and
// back.
constexpr std::string_view enter_sequence = "\033[?1049h\033[?25l\033[?7l\033[H\033[2J";
constexpr std::string_view leave_sequence = "\033[?7h\033[?25h\033[0m\033[?1049l";

constexpr std::array ending_signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT};
constexpr std::array crashing_signals{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
constexpr std::array other_signals{SIGWINCH, SIGTSTP, SIGCONT};

// What a signal handler may look at. Only the one screen there is touches them.
volatile std::sig_atomic_t ended = 0;       // NOLINT: see above
volatile std::sig_atomic_t resized = 0;     // NOLINT
volatile std::sig_atomic_t stopped = 0;     // NOLINT
volatile std::sig_atomic_t is_entered = 0;  // NOLINT
termios settings_before{};                  // NOLINT
bool settings_known = false;                // NOLINT

// Safe within a signal handler.
void leave() {
  if (is_entered == 0) return;
  is_entered = 0;
  [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, leave_sequence.data(), leave_sequence.size());
  if (settings_known) tcsetattr(STDIN_FILENO, TCSANOW, &settings_before);
}

void on_signal(int signal) {
  if (signal == SIGWINCH || signal == SIGCONT)
    resized = 1;
  else if (signal == SIGTSTP)
    stopped = 1;
  else
    ended = 1;
}

void on_crash(int signal) {
  leave();
  ::raise(signal);  // by then with its own effect
}

void handle(int signal, void (*handler)(int), int flags) {
  struct sigaction action{};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

bool write_all(std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(STDOUT_FILENO, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

Screen::Screen() : has_keys_(isatty(STDIN_FILENO) != 0) {
  ended = 0;
  resized = 0;
  stopped = 0;
  settings_known = has_keys_ && tcgetattr(STDIN_FILENO, &settings_before) == 0;
  sigset_t held{};
  sigemptyset(&held);
  for (const int signal : ending_signals) sigaddset(&held, signal);
  for (const int signal : other_signals) sigaddset(&held, signal);
  sigprocmask(SIG_BLOCK, &held, &before_);
  waiting_ = before_;
  for (const int signal : ending_signals) {
    sigdelset(&waiting_, signal);
    handle(signal, on_signal, 0);
  }
  for (const int signal : other_signals) {
    sigdelset(&waiting_, signal);
    handle(signal, on_signal, 0);
  }
  for (const int signal : crashing_signals)
    handle(signal, on_crash, static_cast<int>(SA_RESETHAND | SA_NODEFER));
  enter();
}

Screen::~Screen() {
  leave();
  for (const int signal : ending_signals) handle(signal, SIG_DFL, 0);
  for (const int signal : other_signals) handle(signal, SIG_DFL, 0);
  for (const int signal : crashing_signals) handle(signal, SIG_DFL, 0);
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

void Screen::enter() {
  if (settings_known) {
    termios raw = settings_before;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  }
  is_entered = 1;
  if (!write_all(enter_sequence)) ended = 1;
}

void Screen::stop() {
  stopped = 0;
  leave();
  ::raise(SIGSTOP);
  enter();
  resized = 0;
}

bool Screen::show(const std::string& text) {
  return write_all(text);
}

ScreenEvent Screen::read_key() {
  char key = 0;
  if (::read(STDIN_FILENO, &key, 1) <= 0) return ScreenEvent::quit;
  switch (key) {
    case 'q':
    case 'Q':
    case '\004':  // Ctrl-D
      return ScreenEvent::quit;
    case '+':
    case '=':
      return ScreenEvent::longer;
    case '-':
      return ScreenEvent::shorter;
    default:
      return ScreenEvent::other_key;
  }
}

ScreenEvent Screen::wait(std::chrono::milliseconds longest) {
  pollfd keys{.fd = has_keys_ ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0};
  timespec timeout{};
  timeout.tv_sec = longest.count() / 1000;
  timeout.tv_nsec = longest.count() % 1000 * 1000000;
  const int ready = ppoll(&keys, 1, &timeout, &waiting_);
  if (ended != 0) return ScreenEvent::quit;
  if (stopped != 0) {
    stop();
    return ScreenEvent::resized;
  }
  if (resized != 0) {
    resized = 0;
    return ScreenEvent::resized;
  }
  if (ready > 0) return read_key();
  return ScreenEvent::time;
}

}  // namespace gnomon::ctl

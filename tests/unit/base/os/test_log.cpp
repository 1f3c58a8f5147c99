// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/log.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <regex>
#include <string>
#include <vector>

#include "base/os/fd.hpp"
#include "base/os/shared_memory.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::base;
using namespace std::chrono_literals;

namespace {

Pipe open_pipe() {
  auto pipe = make_pipe(Blocking::no);
  REQUIRE(pipe);
  return std::move(*pipe);
}

std::string text_in(const Pipe& pipe) {
  std::string buffer(10000, '\0');
  const auto size = ::read(pipe.reader.get(), buffer.data(), buffer.size());
  buffer.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return buffer;
}

// Standard error of this process is the pipe while it lives.
class StderrTo {
 public:
  explicit StderrTo(const Pipe& pipe) : kept_(dup(STDERR_FILENO)) { dup2(pipe.writer.get(), STDERR_FILENO); }
  ~StderrTo() { dup2(kept_.get(), STDERR_FILENO); }
  StderrTo(const StderrTo&) = delete;
  StderrTo& operator=(const StderrTo&) = delete;

 private:
  Fd kept_;
};

}  // namespace

TEST_CASE("the journal gets the priority of every line") {
  const Pipe pipe = open_pipe();
  StreamLog log{pipe.writer.get(), LogFormat::journal};
  log.write(LogEvent::change_refused, "one");
  log.write(LogEvent::source_online, "two");
  CHECK(text_in(pipe) == "<3>one\n<6>two\n");
}

TEST_CASE("people get the time of every line") {
  const Pipe pipe = open_pipe();
  StreamLog{pipe.writer.get(), LogFormat::timed}.write(LogEvent::leap_made, "text");
  CHECK(std::regex_match(text_in(pipe), std::regex{R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ text\n)"}));
}

TEST_CASE("lines above the chosen verbosity are not written") {
  const Pipe pipe = open_pipe();
  StreamLog log{pipe.writer.get(), LogFormat::text_only, LogLevel::warning};
  log.write(LogEvent::leap_made, "hidden");
  log.write(LogEvent::falseticker, "shown");
  CHECK(text_in(pipe) == "shown\n");
}

TEST_CASE("a text from elsewhere cannot forge a line and is cut") {
  const Pipe pipe = open_pipe();
  StreamLog log{pipe.writer.get(), LogFormat::journal};
  log.write(LogEvent::falseticker, "a\n<0>b\x1b[2J");
  CHECK(text_in(pipe) == "<4>a?<0>b?[2J\n");
  log.write(LogEvent::falseticker, std::string(5000, 'x'));
  CHECK(text_in(pipe) == "<4>" + std::string(2000, 'x') + "\n");
}

TEST_CASE("the log of a process counts repetitions and tells of them at its end") {
  const Pipe pipe = open_pipe();
  {
    const StderrTo redirected{pipe};
    ProcessLog log{"core"};
    for (int i = 1; i <= 9; ++i)
      log.write(LogEvent::falseticker, "number " + std::to_string(i), {{LogField::source, "a"}});
    log.write(LogEvent::falseticker, "other", {{LogField::source, "b"}});
  }
  const auto text = std::regex_replace(text_in(pipe), std::regex{"(^|\n)[-0-9T:]{19}Z "}, "$1");
  CHECK(text ==
        "number 1\nnumber 2\nnumber 3\nnumber 4\nnumber 5\nother\n"
        "number 9 (and 3 more like this in the last 1 minute)\n");
}

TEST_CASE("the log of a process hides what is too verbose and does not count it") {
  const Pipe pipe = open_pipe();
  {
    const StderrTo redirected{pipe};
    ProcessLog log{"core", LogLevel::error};
    for (int i = 0; i < 9; ++i) log.write(LogEvent::falseticker, "hidden");
  }
  CHECK(text_in(pipe).empty());
}

TEST_CASE("the journal is recognised by its device and inode") {
  const Pipe pipe = open_pipe();
  struct stat file{};
  REQUIRE(fstat(pipe.writer.get(), &file) == 0);
  const auto stream = std::to_string(file.st_dev) + ":" + std::to_string(file.st_ino);
  setenv("JOURNAL_STREAM", stream.c_str(), 1);
  CHECK(log_format_of(pipe.writer.get()) == LogFormat::journal);
  setenv("JOURNAL_STREAM", "0:0", 1);
  CHECK(log_format_of(pipe.writer.get()) == LogFormat::timed);
  unsetenv("JOURNAL_STREAM");
  CHECK(log_format_of(pipe.writer.get()) == LogFormat::timed);
}

TEST_CASE("a process with the memory of another leaves out what that has written") {
  const auto memory = make_shared_memory("log", log_memory_size);
  REQUIRE(memory);
  const Pipe pipe = open_pipe();
  const StderrTo stderr_now{pipe};
  const auto speak = [&](std::string_view reason) {
    ProcessLog log{"ntske"};
    log.remember_in(dup(memory->get()));
    log.write(LogEvent::trust_incomplete, reason, {{LogField::reason, reason}});
    return text_in(pipe);
  };
  CHECK(speak("no certificates").ends_with("no certificates\n"));
  CHECK(speak("another reason").ends_with("another reason\n"));
  ProcessLog again{"ntske"};
  again.remember_in(dup(memory->get()));
  again.write(LogEvent::trust_incomplete, "no certificates", {{LogField::reason, "no certificates"}});
  CHECK(text_in(pipe).empty());
  // Whatever is in it: this is only our own memory, but it may have ended in the middle of a change.
  const std::vector<std::uint8_t> noise(log_memory_size - 8, 0xa5);
  REQUIRE(pwrite(memory->get(), noise.data(), noise.size(), 8) == static_cast<ssize_t>(noise.size()));
  ProcessLog third{"ntske"};
  third.remember_in(dup(memory->get()));
  third.write(LogEvent::trust_incomplete, "no certificates", {{LogField::reason, "no certificates"}});
  CHECK(text_in(pipe).contains("no certificates"));
  third.remember_in(-1);
}

TEST_CASE("shared memory keeps its size and is known again") {
  const auto memory = make_shared_memory("test", 4096);
  REQUIRE(memory);
  CHECK(is_shared_memory(memory->get(), 4096));
  CHECK_FALSE(is_shared_memory(memory->get(), 8192));
  CHECK(ftruncate(memory->get(), 0) != 0);
  CHECK(map_shared_memory(dup(memory->get()), 8192) == nullptr);
  auto* const one = static_cast<std::uint8_t*>(map_shared_memory(dup(memory->get()), 4096));
  const auto* const other = static_cast<std::uint8_t*>(map_shared_memory(dup(memory->get()), 4096));
  REQUIRE(one != nullptr);
  REQUIRE(other != nullptr);
  CHECK(*other == 0);
  *one = 7;
  CHECK(*other == 7);
}

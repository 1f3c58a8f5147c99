// SPDX-License-Identifier: GPL-2.0-or-later
// The client against a real Unix socket whose other end is in the test's hand.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "ctl/command_line.hpp"
#include "ctl/run.hpp"
#include "ctl/varlink/varlink_client.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using gnomon::testing::TemporaryFolder;
using namespace gnomon::ctl;
using namespace std::chrono_literals;

namespace {

int listen_at(const std::string& path) {
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) throw std::runtime_error("no socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const void* const any = &address;
  if (::bind(listener, static_cast<const sockaddr*>(any), sizeof address) != 0 || ::listen(listener, 1) != 0)
    throw std::runtime_error("cannot listen");
  return listener;
}

// Takes one call, keeps its request, answers with the given pieces, and hangs up.
class Daemon {
 public:
  Daemon(const std::string& path, std::vector<std::string> pieces)
      : listener_(listen_at(path)), thread_([this, pieces = std::move(pieces)] { serve(pieces); }) {}
  ~Daemon() {
    finish();
    ::close(listener_);
  }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  std::string request() {
    finish();
    return request_;
  }

 private:
  void serve(const std::vector<std::string>& pieces) {
    const int peer = ::accept(listener_, nullptr, nullptr);
    if (peer < 0) return;
    std::array<char, 4096> chunk{};
    while (!request_.ends_with('\0')) {
      const ssize_t count = ::recv(peer, chunk.data(), chunk.size(), 0);
      if (count <= 0) break;
      request_.append(chunk.data(), static_cast<std::size_t>(count));
    }
    for (const auto& piece : pieces)
      if (::send(peer, piece.data(), piece.size(), MSG_NOSIGNAL) < 0) break;
    ::close(peer);
  }
  void finish() {
    if (thread_.joinable()) thread_.join();
  }

  int listener_;
  std::string request_;
  std::thread thread_;
};

std::string reply(const std::string& text) {
  return text + '\0';
}

CallFault fault_of(const std::vector<std::string>& pieces) {
  const TemporaryFolder folder;
  const Daemon daemon(folder / "control", pieces);
  const auto result = call(folder / "control", "io.gnomon.Control.Tracking", {}, 5s);
  REQUIRE_FALSE(result.has_value());
  return result.error().fault;
}

}  // namespace

TEST_CASE("a call is one JSON object ended by NUL, and the reply's parameters come back") {
  const TemporaryFolder folder;
  Daemon daemon(folder / "control", {reply(R"({"parameters":{"online":4}})")});
  const auto result = call(folder / "control", "io.gnomon.Control.Activity", {{"x", 1}}, 5s);
  REQUIRE(result.has_value());
  CHECK(result->at("online").as_int64() == 4);
  CHECK(daemon.request() == reply(R"({"method":"io.gnomon.Control.Activity","parameters":{"x":1}})"));
}

TEST_CASE("a reply in pieces, longer than one read, is put together") {
  const TemporaryFolder folder;
  const std::string name(100000, 'n');
  const Daemon daemon(folder / "control", {R"({"parame)", R"(ters":{"name":")", name, "\"}", reply("}")});
  const auto result = call(folder / "control", "m", {}, 5s);
  REQUIRE(result.has_value());
  CHECK(result->at("name").as_string() == name.c_str());
}

TEST_CASE("a reply without parameters is an empty one") {
  CHECK(parse_reply("{}").value().empty());
  CHECK(parse_reply(R"({"parameters":{},"error":null})").value().empty());
}

TEST_CASE("an error reply keeps its name and parameters") {
  const auto result =
      parse_reply(R"({"error":"io.gnomon.Control.NotPermitted","parameters":{"explanation":"no"}})");
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().fault == CallFault::replied);
  CHECK(result.error().detail == "io.gnomon.Control.NotPermitted");
  CHECK(result.error().parameters.at("explanation").as_string() == "no");
}

TEST_CASE("an answer that is no Varlink reply is refused") {
  for (const std::string text : {"", "{", "[]", "3", R"({"error":3})", "HTTP/1.1 400 Bad Request"}) {
    INFO(text);
    CHECK(fault_of({reply(text)}) == CallFault::bad_reply);
  }
}

TEST_CASE("an answer that ends before its NUL is not believed") {
  CHECK(fault_of({R"({"parameters":{}})"}) == CallFault::closed);
  CHECK(fault_of({}) == CallFault::closed);
}

TEST_CASE("an answer longer than 16 MiB is given up") {
  CHECK(fault_of(std::vector<std::string>(300, std::string(65536, ' '))) == CallFault::bad_reply);
}

TEST_CASE("nobody there: no file, no listener, no socket") {
  const TemporaryFolder folder;
  CHECK(call(folder / "control", "m", {}, 5s).error().fault == CallFault::no_socket);
  ::close(listen_at(folder / "control"));
  CHECK(call(folder / "control", "m", {}, 5s).error().fault == CallFault::no_socket);
  CHECK(call("/nonexistent/control", "m", {}, 5s).error().fault == CallFault::no_socket);
}

TEST_CASE("a path that fits no socket address is said so") {
  const auto result = call("/" + std::string(200, 'p'), "m", {}, 5s);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().fault == CallFault::local_error);
}

TEST_CASE("a daemon that accepts and stays silent costs the time limit and no more") {
  const TemporaryFolder folder;
  const int listener = listen_at(folder / "control");
  const auto result = call(folder / "control", "m", {}, 20ms);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().fault == CallFault::timeout);
  ::close(listener);
}

namespace {

// Serves every connection by the function, one after the other.
class Repeating {
 public:
  Repeating(const std::string& path, std::function<void(int)> serve)
      : listener_(listen_at(path)), thread_([this, serve = std::move(serve)] {
          for (int peer = accept(); peer >= 0; peer = accept()) {
            serve(peer);
            ::close(peer);
          }
        }) {}
  ~Repeating() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  Repeating(const Repeating&) = delete;
  Repeating& operator=(const Repeating&) = delete;

 private:
  [[nodiscard]] int accept() const { return ::accept(listener_, nullptr, nullptr); }
  int listener_;
  std::thread thread_;
};

// One octet after the other behind the beginning, until nobody listens any more.
auto by_octets(std::string beginning) {
  return [beginning = std::move(beginning)](int peer) {
    std::string_view next = beginning;
    while (::send(peer, next.data(), next.size(), MSG_NOSIGNAL) > 0) next = "a";
  };
}

}  // namespace

TEST_CASE("a daemon that sends one octet after the other costs the time limit and no more") {
  const TemporaryFolder folder;
  const Repeating daemon{folder / "control", by_octets(R"({"parameters":{"x":")")};
  const auto result = call(folder / "control", "m", {}, 100ms);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().fault == CallFault::timeout);
}

TEST_CASE("whoever watches over replies that follow is asked although octets come") {
  const TemporaryFolder folder;
  const Repeating daemon{folder / "control", by_octets(reply(R"({"parameters":{},"continues":true})"))};
  int asked = 0;
  CHECK(call_more(
      folder / "control", "m", {}, 5s, [](const auto&) { return true; }, [&] { return ++asked < 3; }));
  CHECK(asked == 3);
}

TEST_CASE("a list whose parts do not end is given up") {
  const TemporaryFolder folder;
  const std::string socket = folder / "control";
  const Repeating daemon{socket, [](int peer) {
                           std::array<char, 4096> request{};
                           const auto page = reply(R"({"parameters":{"clients":[],"next":1}})");
                           if (::recv(peer, request.data(), request.size(), 0) > 0)
                             static_cast<void>(::send(peer, page.data(), page.size(), MSG_NOSIGNAL));
                         }};
  const std::array words{"gnomonctl", "--socket", socket.c_str(), "clients"};
  auto request = parse_command_line(words.size(), words.data()).value();
  request.time_limit = 20ms;
  CHECK(run(request).status == 1);
}

TEST_CASE("what the parts of a list are long together is limited") {
  const TemporaryFolder folder;
  Allowance shared{.until = std::chrono::steady_clock::time_point::max(), .octets = 30};
  const Daemon daemon(folder / "control", {reply(R"({"parameters":{"x":"aaaaaaaaaaaa"}})")});
  const auto result = call(folder / "control", "m", {}, 5s, &shared);
  REQUIRE_FALSE(result);
  CHECK(result.error().fault == CallFault::bad_reply);
}

namespace {

Request activity_at(const std::string& socket) {
  const std::array words{"gnomonctl", "--socket", socket.c_str(), "activity"};
  return parse_command_line(words.size(), words.data()).value();
}

}  // namespace

TEST_CASE("a whole run: asks, shows, or says in a sentence why not") {
  const TemporaryFolder folder;
  const auto request = activity_at(folder / "control");
  {
    Daemon daemon(folder / "control", {reply(R"({"parameters":{"online":4,"offline":0,"burst_online":0,)"
                                             R"("burst_offline":0,"unresolved":2}})")});
    const auto result = run(request);
    CHECK(result.status == 0);
    CHECK(result.complaint.empty());
    CHECK(result.text.starts_with("200 OK\n4 sources online\n"));
    CHECK(boost::json::parse(daemon.request().c_str()).at("method") == "io.gnomon.Control.Activity");
  }
  const auto gone = run(request);
  CHECK(gone.status == 1);
  CHECK(gone.text.empty());
  CHECK(gone.complaint.find("Is it running?") != std::string::npos);
}

TEST_CASE("a reply with a field missing is a matter of versions") {
  const TemporaryFolder folder;
  const Daemon daemon(folder / "control", {reply(R"({"parameters":{"online":4}})")});
  const auto request = activity_at(folder / "control");
  const auto result = run(request);
  CHECK(result.status == 1);
  CHECK(result.complaint.find("field 'offline' is missing") != std::string::npos);
  CHECK(result.complaint.find("the same version") != std::string::npos);
}

TEST_CASE("the status of `explain` says whether the clock is synchronised, or that nobody could be asked") {
  const TemporaryFolder folder;
  const std::string socket = folder / "control";
  const std::array words{"gnomonctl", "--socket", socket.c_str(), "explain"};
  const auto request = parse_command_line(words.size(), words.data()).value();
  const auto status_of = [&](const std::string& synchronised, const std::string& state) {
    std::filesystem::remove(socket);
    const Daemon daemon(socket, {reply(R"({"parameters":{"synchronised":)" + synchronised + R"(,"state":")" +
                                       state + R"(","cause":"x","summary":"So it is.","sources":[]}})")});
    const auto result = run(request);
    CHECK(result.text == "So it is.\n");
    return result.status;
  };
  CHECK(status_of("true", "synchronised") == 0);
  CHECK(status_of("false", "unsynchronised") == 1);
  const auto gone = run(request);
  CHECK(gone.status == 2);
  CHECK_FALSE(gone.complaint.empty());
}

TEST_CASE("replies to a call with more come one by one, until one does not continue or enough was taken") {
  const TemporaryFolder folder;
  const std::string one = reply(R"({"parameters":{"x":1},"continues":true})");
  const std::string last = reply(R"({"parameters":{"x":2}})");
  std::vector<std::int64_t> taken;
  const auto take = [&taken](const boost::json::object& parameters) {
    taken.push_back(parameters.at("x").as_int64());
    return taken.size() < 3;
  };
  {
    Daemon daemon(folder / "control", {one.substr(0, 7), one.substr(7) + last});
    CHECK(call_more(folder / "control", "m", {}, 5s, take));
    CHECK(daemon.request() == reply(R"({"more":true,"method":"m","parameters":{}})"));
  }
  CHECK(taken == std::vector<std::int64_t>{1, 2});
  {
    const Daemon daemon(folder / "second", {one + one});
    CHECK(call_more(folder / "second", "m", {}, 5s, take));
  }
  CHECK(taken.size() == 3);
  taken.clear();
  const Daemon daemon(folder / "third", {one});
  const auto ended = call_more(folder / "third", "m", {}, 5s, take);
  REQUIRE_FALSE(ended);
  CHECK(ended.error().fault == CallFault::closed);
}

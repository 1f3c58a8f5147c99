// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/program.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <exception>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "async/loop.hpp"
#include "base/os/channel.hpp"
#include "base/os/clocks.hpp"
#include "base/os/log.hpp"
#include "base/os/sandbox/confine.hpp"
#include "helpers/ntske/client/client_role.hpp"
#include "helpers/ntske/client/probe_role.hpp"
#include "helpers/ntske/primitives/load.hpp"
#include "helpers/ntske/sandbox.hpp"
#include "helpers/ntske/server/certificate_check.hpp"
#include "helpers/ntske/server/server_role.hpp"
#include "ipc/certificate_messages.hpp"
#include "ipc/codec.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::ntske {
namespace {

using base::LogEvent;
using base::LogField;

enum class ExitStatus : int { core_left = 0, failed = 1, bad_words = 2, no_certificate = 3, bad_frame = 4 };

int complain(base::Log& log, ExitStatus status, base::LogEvent event, const std::string& message) {
  log.write(event, message);
  return static_cast<int>(status);
}

void warn(base::Log& log, base::LogEvent event, const std::vector<std::string>& warnings) {
  for (const auto& warning : warnings) log.write(event, warning, {{LogField::reason, warning}});
}

// A session is a descriptor, and the usual soft limit is below what maxntsconnections may say.
void allow_many_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// nullptr: wolfCrypt computes everything.
const Primitives* faster_primitives(bool built, base::Log& log) {
  if (!built) return nullptr;
  const auto loaded = load_primitives();
  if (loaded) return *loaded;
  log.write(
      LogEvent::ke_primitives_unusable,
      fmt::format("NTS-KE server: key exchanges cost more processor time than they could: {}. Reinstall "
                  "gnomon and libcrypto",
                  loaded.error()),
      {{LogField::reason, loaded.error()}});
  return nullptr;
}

template <class Role>
int run_role(async::Loop& loop, Role& role, base::Log& log) {
  std::optional<async::ChannelEnd> end;
  auto when_over = [&](const std::exception_ptr& problem, async::ChannelEnd how) {
    if (problem) std::rethrow_exception(problem);
    end = how;
  };
  asio::co_spawn(loop.io(), role.run(), when_over);
  loop.run();
  if (end && end->kind == async::ChannelEnd::Kind::illegal_frame)
    return complain(log, ExitStatus::bad_frame, LogEvent::core_broke_rules,
                    "the core sent a forbidden message; exiting");
  if (end && end->kind == async::ChannelEnd::Kind::broken)
    return complain(log, ExitStatus::failed, LogEvent::role_failed,
                    "the channel to the core failed: " + base::to_string(end->error));
  return static_cast<int>(ExitStatus::core_left);
}

// Who waits at the other end is not waited for.
void tell_unusable(const std::string& reason) {
  const auto datagram = ipc::encode(ipc::CertificatesUnusable{reason}, 0);
  [[maybe_unused]] const auto sent = base::send_datagram_at_once(ipc::role_channel_fd, datagram);
}

// Those in use may be valid still. At a start there are no others.
std::expected<ServerCertificates, std::string> refuse_expired(
    ServerCertificates loaded, const std::vector<ipc::CertificatePair>& files) {
  if (auto expired = loaded.expired_when_written(files, base::read_now().real); !expired.empty())
    return std::unexpected(std::move(expired));
  return loaded;
}

int serve(std::span<const std::string> words, bool has_primitives, base::ProcessLog& log) {
  const auto setup = ipc::from_arguments<ipc::KeServerSetup>(words);
  if (!setup) return complain(log, ExitStatus::bad_words, LogEvent::role_misused, setup.error());
  log.remember_in(setup->identity.log_fd);
  const auto* const primitives = faster_primitives(has_primitives, log);
  const TlsLibrary library{primitives};
  set_verification_time(base::read_now().real);
  auto certificates = ServerCertificates::load(setup->certificates, primitives);
  if (certificates && setup->replaces)
    certificates = refuse_expired(std::move(*certificates), setup->certificates);
  if (!certificates) {
    tell_unusable(certificates.error());
    return complain(log, ExitStatus::no_certificate, LogEvent::certificate_unusable,
                    (setup->replaces ? "the new certificates cannot be used, the previous ones stay in use: "
                                     : "the NTS-KE server cannot start: ") +
                        certificates.error());
  }
  async::Context context{1};
  const base::MachineClock clock;
  async::Loop loop{context, clock};
  ServerRole role{loop, base::Fd{ipc::role_channel_fd}, *setup, std::move(*certificates), log};
  const auto confined = confine(KeRole::server, setup->identity);
  if (!confined) return complain(log, ExitStatus::failed, LogEvent::role_not_confined, confined.error());
  return run_role(loop, role, log);
}

int establish(std::span<const std::string> words, base::ProcessLog& log) {
  const auto setup = ipc::from_arguments<ipc::KeClientSetup>(words);
  if (!setup) return complain(log, ExitStatus::bad_words, LogEvent::role_misused, setup.error());
  log.remember_in(setup->identity.log_fd);
  const TlsLibrary library;
  std::vector<std::string> warnings;
  auto trust = TrustStore::load(*setup, warnings);
  async::Context context{1};
  const base::MachineClock clock;
  async::Loop loop{context, clock};
  ClientRole role{loop, base::Fd{ipc::role_channel_fd}, *setup, std::move(trust)};
  // With a `sourcedir` this role runs before there is any source with NTS, and perhaps there never is one.
  // Who names certificates wants to know at once.
  const auto say_what_lacks = [&] { warn(log, LogEvent::trust_incomplete, warnings); };
  if (setup->trusted.empty())
    role.before_first_session(say_what_lacks);
  else
    say_what_lacks();
  const auto confined = confine(KeRole::client, setup->identity);
  if (!confined) return complain(log, ExitStatus::failed, LogEvent::role_not_confined, confined.error());
  return run_role(loop, role, log);
}

// For `gnomonctl probe`, which sets no clock: certificates are looked at and not insisted on.
int look(std::span<const std::string> words, base::ProcessLog& log) {
  const auto setup = ipc::from_arguments<ipc::KeClientSetup>(words);
  if (!setup) return complain(log, ExitStatus::bad_words, LogEvent::role_misused, setup.error());
  const TlsLibrary library;
  std::vector<std::string> warnings;
  auto trust = TrustStore::load(*setup, warnings);
  warn(log, LogEvent::trust_incomplete, warnings);
  async::Context context{1};
  const base::MachineClock clock;
  async::Loop loop{context, clock};
  ProbeRole role{loop, base::Fd{ipc::role_channel_fd}, std::move(trust)};
  const auto confined = confine(KeRole::client, setup->identity);
  if (!confined) return complain(log, ExitStatus::failed, LogEvent::role_not_confined, confined.error());
  return run_role(loop, role, log);
}

// CERTIFICATE KEY [TRUSTED]...: reads the files as who started it may, prints, and ends.
int check(std::span<const std::string> words, base::Log& log) {
  if (words.size() < 2)
    return complain(log, ExitStatus::bad_words, LogEvent::role_misused,
                    "check needs a certificate and a key");
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  // it reads a private key
  const TlsLibrary library;
  const auto now = base::read_now().real;
  set_verification_time(now);
  ipc::KeClientSetup setup;
  for (const auto& path : words.subspan(2)) setup.trusted.push_back({0, path});
  std::vector<std::string> warnings;
  const auto trust = TrustStore::load(setup, warnings);
  fmt::print("{}", check_pair({words[0], words[1]}, trust, now));
  return 0;
}

}  // namespace

int run(std::span<char* const> arguments, bool has_primitives, base::ProcessLog& log) {
  const std::vector<std::string> words(arguments.begin() + 1, arguments.end());
  base::ignore_termination_signals();
  allow_many_descriptors();
  const auto role = words.empty() ? std::string{} : words.front();
  if (role == "server") {
    log.set_role("ntske-server");
    return serve(std::span{words}.subspan(1), has_primitives, log);
  }
  if (role == "client") {
    log.set_role("ntske-client");
    return establish(std::span{words}.subspan(1), log);
  }
  if (role == "probe") {
    log.set_role("ntske-probe");
    return look(std::span{words}.subspan(1), log);
  }
  if (role == "check") return check(std::span{words}.subspan(1), log);
  return complain(log, ExitStatus::bad_words, LogEvent::role_misused,
                  "this is a part of gnomond, which starts it as `server` or `client`");
}

}  // namespace gnomon::ntske

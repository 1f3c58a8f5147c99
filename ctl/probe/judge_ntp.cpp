// SPDX-License-Identifier: GPL-2.0-or-later
// Answers to plain requests: time, state, versions, modes, ports.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>

#include "ctl/probe/judge.hpp"
#include "ctl/probe/judge_sizes.hpp"
#include "ctl/probe/words.hpp"

namespace gnomon::ctl::probe {
namespace {

using ipc::ProbeOutcome;

constexpr base::Seconds largest_distance{3};  // maxdistance of chrony and of us
constexpr unsigned harmless_strays = 2;       // an answer may be late, or come twice

class PlainJudge {
 public:
  PlainJudge(const AtAddress& at, const Options& options, const OwnClock& own, bool several)
      : at_(at),
        plain_(at.plain),
        options_(options),
        own_(own),
        several_(several),
        address_(base::to_string(at.address)) {}

  Findings judge() {
    if (plain_.first_answered == 0)
      unanswered();
    else
      answers();
    if (!plain_.samples.empty()) time();
    if (plain_.header) state();
    modes();
    sizes();
    given_port();
    strays();
    return std::move(findings_);
  }

 private:
  void add(Grade grade, std::string check, std::string text, std::string remedy = {}) {
    findings_.push_back({grade, std::move(check), address_, std::move(text), std::move(remedy)});
  }

  [[nodiscard]] Grade grade_of_silence() const {
    // What NTS does is still to come.
    if (at_.key_exchange && at_.key_exchange->seen.session) return Grade::note;
    return several_ ? Grade::warning : Grade::critical;
  }

  void unanswered() {
    const auto port = fmt::format("UDP port {}", options_.port);
    if (plain_.kiss) return kissed();
    if (at_.given_port == Tried::yes)
      return add(
          grade_of_silence(), "NTP", fmt::format("no answer to requests from a port of the kernel's choice"),
          fmt::format("A filter lets requests from port {0} pass alone: `acquisitionport {0}`, or better "
                      "have it corrected.",
                      options_.source_port));
    if (plain_.first == ProbeOutcome::refused)
      return add(grade_of_silence(), "NTP",
                 fmt::format("{}: nothing listens there (the host reports it)", port),
                 "Start an NTP server there, or name its port with --port.");
    if (plain_.first != ProbeOutcome::silent)
      return add(grade_of_silence(), "NTP", fmt::format("{}: {}", port, why_text(plain_.first, plain_.error)),
                 "See whether this machine has a route to the address, and what filters there are.");
    add(grade_of_silence(), "NTP", fmt::format("{}: no answer to {}", port, counted(plain_.sent, "request")),
        "The server is down, does not serve this machine (`allow`), or a filter drops " + port + ".");
  }

  void kissed() {
    const auto code = letters_text(*plain_.kiss);
    const bool rate = code == "RATE";
    add(rate ? Grade::warning : Grade::critical, "NTP",
        fmt::format("the server sends kiss-o'-death {}", code),
        rate ? "It was asked too often; try again after some minutes."
             : "It does not serve this machine: its administrator may allow it (`allow`), or use another "
               "server.");
  }

  void answers() {
    const auto text = fmt::format("{} of {} requests answered", plain_.first_answered, plain_.first_sent);
    if (plain_.kiss && letters_text(*plain_.kiss) == "RATE")
      return add(Grade::note, "NTP", text + ", later ones by kiss-o'-death RATE");
    if (plain_.kiss) return kissed();
    if (plain_.first_answered == plain_.first_sent) return add(Grade::ok, "NTP", text);
    add(Grade::note, "NTP", text + ": some are lost on the way");
  }

  void time() {
    const auto best = *best_sample(plain_);
    const auto bound = error_bound(plain_);
    const auto text = fmt::format("{} +/- {}, delay {}, jitter {}", offset_text(best.offset),
                                  length_text(bound), length_text(best.delay), length_text(jitter(plain_)));
    if (best.delay < base::Seconds{-0.001})
      return add(Grade::warning, "offset", text + ": the server's timestamps contradict themselves",
                 "Do not use it: its clock jumps, or it makes its answers up.");
    const auto certain = base::Seconds{std::abs(best.offset.count())} - bound - own_error();
    const auto grade = certain > options_.critical  ? Grade::critical
                       : certain > options_.warning ? Grade::warning
                                                    : Grade::ok;
    if (grade == Grade::ok) return add(grade, "offset", text);
    if (!own_.synchronised)
      return add(Grade::warning, "offset", text + "; this machine's clock is not synchronised",
                 "One of the two is wrong: compare with other servers, or synchronise this machine first.");
    add(grade, "offset",
        fmt::format("{}; this machine's clock is right within {}", text, length_text(own_.max_error)),
        "The server's time is wrong, unless this machine's is: compare with other servers.");
  }

  [[nodiscard]] base::Seconds own_error() const {
    return own_.synchronised ? own_.max_error : base::Seconds{};
  }

  void state() {
    const auto& header = *plain_.header;
    const auto text = fmt::format("stratum {}, reference {}, root distance {}, precision {}, poll {}",
                                  header.stratum, reference_text(header), length_text(root_distance(header)),
                                  exponent_text(header.precision), exponent_text(header.poll));
    if (header.leap == base::LeapIndicator::unsynchronised || !base::Stratum{header.stratum}.usable())
      return add(
          Grade::critical, "state", "not synchronised: " + text,
          "Clients ignore it. See on the server why: `gnomonctl why-not-synchronised`, `chronyc sources`.");
    if (root_distance(header) > largest_distance)
      return add(Grade::warning, "state", text + ": too far from a reference clock",
                 fmt::format("Clients ignore it beyond {}: give the server closer sources.",
                             length_text(largest_distance)));
    if (follows_nobody(header))
      return add(Grade::note, "state", text + ": its own clock (`local`), which follows no other");
    if (header.leap != base::LeapIndicator::none)
      return add(Grade::note, "state",
                 fmt::format("{}; announces that a second is {} at the end of the day or month", text,
                             header.leap == base::LeapIndicator::insert ? "inserted" : "removed"));
    add(Grade::ok, "state", text);
  }

  void modes() {
    if (at_.version_3 == Tried::failed) add(Grade::note, "version 3", "no answer to requests of version 3");
    if (at_.version_3 == Tried::yes) add(Grade::ok, "version 3", "answered");
    if (at_.interleaved == Tried::failed)
      add(Grade::note, "interleaved", "answers in basic mode alone: `xleave` gains nothing");
    if (at_.interleaved == Tried::yes) add(Grade::ok, "interleaved", "supported (`xleave`)");
  }

  void sizes() {
    auto finding = judge_padded(plain_, at_.key_exchange && at_.key_exchange->seen.session);
    if (!finding) return;
    finding->address = address_;
    findings_.push_back(std::move(*finding));
  }

  void given_port() {
    const auto port = options_.source_port;
    if (at_.given_port_error == EACCES)
      return add(Grade::note, "source port",
                 fmt::format("port {} was not tried: only root may use it", port));
    if (at_.given_port_error == EADDRINUSE)
      return add(Grade::note, "source port",
                 fmt::format("port {} was not tried: another program has it, as an NTP server would", port));
    if (at_.given_port_error != 0)
      return add(Grade::note, "source port",
                 fmt::format("port {} was not tried: {}", port,
                             why_text(ProbeOutcome::impossible, at_.given_port_error)));
    if (at_.given_port == Tried::yes && plain_.answered > 0)
      return add(Grade::ok, "source port", fmt::format("requests from port {} are answered too", port));
    if (at_.given_port == Tried::failed && plain_.answered > 0)
      add(Grade::warning, "source port", fmt::format("requests from port {} are not answered", port),
          fmt::format("A filter drops them, or their answers: leave `acquisitionport {}` out here.", port));
  }

  void strays() {
    const auto wrong = plain_.malformed + plain_.of_others;
    if (wrong <= harmless_strays) return;
    add(Grade::warning, "other packets",
        fmt::format("{} came that were no answers ({} malformed, {} to other requests)",
                    counted(wrong, "packet"), plain_.malformed, plain_.of_others),
        "Someone forges responses, or the server sends them several times: use NTS.");
  }

  const AtAddress& at_;
  const Exchanges& plain_;
  const Options& options_;
  const OwnClock& own_;
  bool several_;
  std::string address_;
  Findings findings_;
};

}  // namespace

std::optional<Sample> best_sample(const Exchanges& exchanges) {
  const auto best = std::ranges::min_element(exchanges.samples, {}, &Sample::delay);
  return best == exchanges.samples.end() ? std::nullopt : std::optional{*best};
}

base::Seconds root_distance(const ipc::SeenHeader& header) {
  return header.root_delay.seconds() / 2 + header.root_dispersion.seconds();
}

base::Seconds error_bound(const Exchanges& exchanges) {
  const auto best = best_sample(exchanges);
  const auto way = best ? std::max(base::Seconds{}, best->delay) / 2 : base::Seconds{};
  return way + (exchanges.header ? root_distance(*exchanges.header) : base::Seconds{});
}

base::Seconds jitter(const Exchanges& exchanges) {
  const auto best = best_sample(exchanges);
  if (!best) return {};
  double sum = 0;
  for (const auto& each : exchanges.samples) sum += std::pow((each.offset - best->offset).count(), 2);
  return base::Seconds{std::sqrt(sum / static_cast<double>(exchanges.samples.size()))};
}

Findings judge_plain(const AtAddress& at, const Options& options, const OwnClock& own, bool several) {
  return PlainJudge{at, options, own, several}.judge();
}

Findings judge_burst(const AtAddress& at) {
  if (!at.burst) return {};
  const auto& burst = *at.burst;
  const auto address = base::to_string(at.address);
  const auto text = fmt::format("{} of {} requests at once answered", burst.answered, burst.sent);
  if (burst.sent == 0) return {};
  if (burst.kisses > 0)
    return {{Grade::note, "rate", address,
             fmt::format("{}, {} by kiss-o'-death {}: it limits the rate", text, burst.kisses,
                         letters_text(burst.code)),
             ""}};
  if (burst.answered < burst.sent)
    return {{Grade::note, "rate", address, text + ": it limits the rate, or some were lost", ""}};
  return {{Grade::ok, "rate", address, text, ""}};
}

}  // namespace gnomon::ctl::probe

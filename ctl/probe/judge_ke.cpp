// SPDX-License-Identifier: GPL-2.0-or-later
// Names and the key exchange.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "ctl/probe/judge.hpp"
#include "ctl/probe/words.hpp"

namespace gnomon::ctl::probe {
namespace {

using protocol::KeFailureReason;

constexpr std::string_view no_address_remedy =
    "Check the spelling; `getent ahosts {}` shows what this machine finds.";

std::string lookup_text(ipc::ResolveError error) {
  switch (error) {
    case ipc::ResolveError::not_found:
      return "the name has no address";
    case ipc::ResolveError::try_again:
      return "the name servers do not answer";
    case ipc::ResolveError::failed:
      break;
  }
  return "the name cannot be looked up";
}

// The certificate's own dates, and what they mean now.
class Dates {
 public:
  Dates(const ipc::SeenCertificate& certificate, base::RealTime now, bool utc)
      : certificate_(certificate), now_(now), utc_(utc) {}

  [[nodiscard]] bool expired() const { return now_ > certificate_.not_after; }
  [[nodiscard]] bool early() const { return now_ < certificate_.not_before; }
  // Who renews automatically does it earlier, also where certificates live for days only.
  [[nodiscard]] bool soon() const {
    constexpr std::chrono::days two_weeks{14};
    const auto left = certificate_.not_after - now_;
    return left < two_weeks && left < (certificate_.not_after - certificate_.not_before) / 3;
  }
  [[nodiscard]] std::string text() const {
    if (certificate_.not_after == base::RealTime::max()) return "valid for ever";
    const auto until = date_text(certificate_.not_after, utc_);
    if (expired()) return fmt::format("expired on {}", until);
    if (early()) return fmt::format("not valid before {}", date_text(certificate_.not_before, utc_));
    return fmt::format("valid until {} ({} left)", until,
                       counted(static_cast<std::size_t>(days_between(now_, certificate_.not_after)), "day"));
  }

 private:
  const ipc::SeenCertificate& certificate_;
  base::RealTime now_;
  bool utc_;
};

std::string key_text(const ipc::SeenCertificate& certificate) {
  switch (certificate.key) {
    case ipc::KeyKind::ecdsa:
      return fmt::format("ECDSA {} bits", certificate.key_bits);
    case ipc::KeyKind::rsa:
      return fmt::format("RSA {} bits", certificate.key_bits);
    case ipc::KeyKind::ed25519:
      return "Ed25519";
    case ipc::KeyKind::ed448:
      return "Ed448";
    case ipc::KeyKind::other:
      break;
  }
  return "an unknown kind of key";
}

class KeJudge {
 public:
  KeJudge(const AtAddress& at, const Options& options, base::RealTime now)
      : exchange_(*at.key_exchange),
        seen_(exchange_.seen),
        address_(base::to_string(at.address)),
        options_(options),
        now_(now) {}

  Findings judge() {
    if (seen_.phase == ipc::KePhase::connecting) {
      unconnected();
      return std::move(findings_);
    }
    if (seen_.shaken == base::Duration{}) {
      no_handshake();
      return std::move(findings_);
    }
    timing();
    certificate();
    name();
    chain();
    if (seen_.session) keys();
    return std::move(findings_);
  }

 private:
  void add(Grade grade, std::string check, std::string text, std::string remedy = {}) {
    findings_.push_back({grade, std::move(check), address_, std::move(text), std::move(remedy)});
  }

  [[nodiscard]] Dates dates_of(const ipc::SeenCertificate& certificate) const {
    return {certificate, now_, options_.utc};
  }

  [[nodiscard]] std::string failure_text() const {
    if (!seen_.failure) return "no answer";
    return seen_.failure->detail.empty() ? std::string{protocol::to_text(seen_.failure->reason)}
                                         : seen_.failure->detail;
  }

  void unconnected() {
    const bool wanted = options_.nts == Nts::required;
    const bool refused = seen_.failure && seen_.failure->reason == KeFailureReason::connect_refused;
    add(wanted ? Grade::critical : Grade::note, "key exchange",
        fmt::format("no NTS: TCP port {}: {}", options_.ke_port, failure_text()),
        !wanted ? ""
        : refused
            ? "Start an NTS-KE server there (`ntsservercert`, `ntsserverkey`), or name its port with "
              "--ke-port."
            : fmt::format("Let TCP port {} pass in the filters between here and there.", options_.ke_port));
  }

  void no_handshake() {
    const bool wanted = options_.nts == Nts::required;
    const bool no_alpn = seen_.failure && seen_.failure->reason == KeFailureReason::no_alpn;
    add(wanted ? Grade::critical : Grade::warning, "key exchange",
        fmt::format("TCP port {} is open, but there is no TLS session: {}", options_.ke_port, failure_text()),
        no_alpn ? "Another service has this port; the server must offer the ALPN ntske/1 (RFC 8915)."
                : "The server must speak TLS 1.3 with the ALPN ntske/1 (RFC 8915); its log says more.");
  }

  void timing() {
    const auto since = [](base::Duration later, base::Duration earlier) {
      return length_text(base::to_seconds(later - earlier));
    };
    const auto tls = fmt::format("TCP {}, {} {} ({}{}{})", since(seen_.connected, {}), seen_.tls_version,
                                 since(seen_.shaken, seen_.connected), seen_.cipher,
                                 seen_.group.empty() ? "" : ", ", seen_.group);
    if (!seen_.failure) {
      const auto answer = since(seen_.finished, seen_.shaken);
      return add(Grade::ok, "key exchange", fmt::format("{}, answer {}", tls, answer));
    }
    add(Grade::critical, "key exchange", fmt::format("{} (after {})", failure_text(), tls),
        seen_.failure->reason == KeFailureReason::no_alpn
            ? "Another service has this port; the server must select the ALPN ntske/1 (RFC 8915)."
            : "The server's log says why; for other services on this port, name the right one with "
              "--ke-port.");
  }

  void certificate() {
    if (seen_.chain.empty())
      return add(Grade::critical, "certificate", "the server showed none that can be read");
    const auto& own = seen_.chain.front();
    const Dates dates = dates_of(own);
    const auto text = fmt::format("{}, {}, {}", common_name(own.subject), key_text(own), dates.text());
    if (dates.expired())
      return add(
          Grade::critical, "certificate", text,
          "Renew it, and see that the server reads the new one; clients refuse the server until then. If "
          "the date is wrong here, set this machine's clock.");
    if (dates.early())
      return add(Grade::critical, "certificate", text,
                 "Clients refuse it until then. Either the server got it too early, or this machine's clock "
                 "is slow.");
    if (dates.soon())
      return add(Grade::warning, "certificate", text, "Renew it; whatever does that automatically has not.");
    add(Grade::ok, "certificate", text);
  }

  void name() {
    if (seen_.chain.empty()) return;
    const auto more = seen_.further_names > 0 ? fmt::format(" and {} more", seen_.further_names) : "";
    const auto all = fmt::format("{}{}", fmt::join(seen_.names, ", "), more);
    if (seen_.name_fits) return add(Grade::ok, "name", fmt::format("the certificate is for {}", all));
    const auto whom = seen_.names.empty() ? std::string{"nobody: it has no alternative names"} : all;
    add(Grade::critical, "name", fmt::format("the certificate is for {}, not for {}", whom, options_.host),
        seen_.names.empty() ? "Get one with the server's name as a DNS name (RFC 9525)."
                            : "Use one of its names for the server, or get a certificate for this one.");
  }

  void chain() {
    if (seen_.chain.empty()) return;
    const auto count = seen_.chain.size() + seen_.further_certificates;
    const auto& last = seen_.chain.back();
    if (seen_.trusted) {
      const auto stale = std::ranges::find_if(seen_.chain, [&](const auto& each) {
        return &each != &seen_.chain.front() && dates_of(each).expired();
      });
      if (stale != seen_.chain.end())
        return add(Grade::critical, "chain",
                   fmt::format("{}: {}", common_name(stale->subject), dates_of(*stale).text()),
                   "Renew the intermediate certificate that the server sends.");
      return add(
          Grade::ok, "chain",
          fmt::format("{}, trusted: issued by {}", counted(count, "certificate"), common_name(last.issuer)));
    }
    const auto& own = seen_.chain.front();
    const bool self_signed = own.subject == own.issuer;
    const auto why = self_signed ? std::string{"signed by itself"}
                                 : fmt::format("{}: {}", seen_.distrust, common_name(last.issuer));
    add(Grade::critical, "chain", fmt::format("{}, not trusted: {}", counted(count, "certificate"), why),
        self_signed || options_.trusted.empty()
            ? "With an authority of your own, give its certificate here with --trusted and to clients in "
              "`ntstrustedcerts`; otherwise the server must send its intermediate certificates too."
            : fmt::format("{} does not hold the authority that issued it, or the server leaves intermediate "
                          "certificates out.",
                          options_.trusted));
  }

  void keys() {
    const auto& session = *seen_.session;
    if (!exchange_.refused.empty())
      return add(Grade::critical, "keys",
                 fmt::format("NTP at {}, where no client should go: {}", base::to_string(exchange_.ntp),
                             exchange_.refused),
                 "The key exchange server should name the address and port of its NTP server.");
    std::vector<std::string> known;
    bool mandatory = true;
    for (const auto& aead : exchange_.aeads) {
      if (aead.supported) known.push_back(aead_text(aead.number));
      if (aead.number == 15) mandatory = aead.supported;
    }
    const auto size = session.cookies.empty() ? 0 : session.cookies.front().size();
    const auto where = exchange_.elsewhere || exchange_.ntp.port != options_.port
                           ? fmt::format("; NTP at {}", base::to_string(exchange_.ntp))
                           : std::string{};
    const auto text = fmt::format("{}; {} of {} octets{}", fmt::join(known, ", "),
                                  counted(session.cookies.size(), "cookie"), size, where);
    if (!mandatory)
      return add(Grade::warning, "keys", text + "; AES-SIV-CMAC-256 is missing",
                 "Every server must offer AEAD 15 (RFC 8915 section 5.1): add it to `ntsaeads` or the like.");
    if (session.cookies.size() < 8) return add(Grade::note, "keys", text + " (8 are usual)");
    add(Grade::ok, "keys", text);
  }

  const KeyExchange& exchange_;
  const ipc::Inspected& seen_;
  std::string address_;
  const Options& options_;
  base::RealTime now_;
  Findings findings_;
};

}  // namespace

Findings judge_names(const Facts& facts, const Options& options) {
  if (facts.lookup_error) {
    const bool unsure = *facts.lookup_error == ipc::ResolveError::try_again;
    return {{unsure ? Grade::unknown : Grade::critical, "addresses", "", lookup_text(*facts.lookup_error),
             unsure ? "See which name servers /etc/resolv.conf names, and whether they can be reached."
                    : fmt::format(fmt::runtime(no_address_remedy), options.host)}};
  }
  if (facts.addresses.empty()) {
    if (options.family == base::AddressFamily::unspecified) return {};  // the time was over
    return {{Grade::critical, "addresses", "",
             fmt::format("the host has no {} address",
                         options.family == base::AddressFamily::ipv4 ? "IPv4" : "IPv6"),
             ""}};
  }
  std::vector<std::string> all;
  all.reserve(facts.addresses.size());
  for (const auto& at : facts.addresses) all.push_back(base::to_string(at.address));
  const auto more = facts.further_addresses > 0
                        ? fmt::format(" and {} more, which are left out", facts.further_addresses)
                        : "";
  return {{Grade::ok, "addresses", "", fmt::format("{}{}", fmt::join(all, ", "), more), ""}};
}

Findings judge_key_exchange(const AtAddress& at, const Options& options, base::RealTime now) {
  if (!at.key_exchange) return {};
  return KeJudge{at, options, now}.judge();
}

}  // namespace gnomon::ctl::probe

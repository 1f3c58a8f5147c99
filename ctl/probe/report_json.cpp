// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/json/array.hpp>
#include <cmath>

#include "base/bytes.hpp"
#include "ctl/probe/judge.hpp"
#include "ctl/probe/report.hpp"
#include "ctl/probe/words.hpp"

namespace gnomon::ctl::probe {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

std::string_view word_of(Grade grade) {
  switch (grade) {
    case Grade::ok:
      return "ok";
    case Grade::note:
      return "note";
    case Grade::warning:
      return "warning";
    case Grade::critical:
      return "critical";
    case Grade::unknown:
      break;
  }
  return "unknown";
}

std::string_view word_of(ipc::ProbeOutcome outcome) {
  switch (outcome) {
    case ipc::ProbeOutcome::answered:
      return "answered";
    case ipc::ProbeOutcome::kiss:
      return "kiss";
    case ipc::ProbeOutcome::nak:
      return "nak";
    case ipc::ProbeOutcome::silent:
      return "silent";
    case ipc::ProbeOutcome::refused:
      return "refused";
    case ipc::ProbeOutcome::unreachable:
      return "unreachable";
    case ipc::ProbeOutcome::impossible:
      break;
  }
  return "impossible";
}

value truth(Tried tried) {
  return tried == Tried::no ? value(nullptr) : value(tried == Tried::yes);
}

double seconds(base::RealTime time) {
  return base::to_seconds(time.time_since_epoch()).count();
}

object of(const Finding& finding) {
  object one{{"grade", word_of(finding.grade)}, {"check", finding.check}};
  if (!finding.address.empty()) one["address"] = finding.address;
  one["text"] = finding.text;
  if (!finding.remedy.empty()) one["remedy"] = finding.remedy;
  return one;
}

object of(const ipc::SeenCertificate& certificate) {
  return {{"subject", certificate.subject},
          {"issuer", certificate.issuer},
          {"key_bits", certificate.key_bits},
          {"not_before", seconds(certificate.not_before)},
          {"not_after", seconds(certificate.not_after)},
          {"fingerprint", base::to_hex(certificate.fingerprint)}};
}

array aeads_of(const KeyExchange& exchange) {
  array list;
  for (const auto& aead : exchange.aeads)
    list.push_back(
        object{{"number", aead.number}, {"name", aead_text(aead.number)}, {"supported", aead.supported}});
  return list;
}

object of(const KeyExchange& exchange) {
  const auto& seen = exchange.seen;
  object one{{"connect_time", base::to_seconds(seen.connected).count()},
             {"handshake_time", base::to_seconds(seen.shaken).count()},
             {"total_time", base::to_seconds(seen.finished).count()},
             {"tls_version", seen.tls_version},
             {"cipher", seen.cipher},
             {"group", seen.group},
             {"trusted", seen.trusted},
             {"distrust", seen.distrust},
             {"name_fits", seen.name_fits}};
  array chain;
  for (const auto& certificate : seen.chain) chain.push_back(of(certificate));
  one["certificates"] = std::move(chain);
  array names;
  for (const auto& name : seen.names) names.emplace_back(name);
  one["names"] = std::move(names);
  if (seen.failure) one["failure"] = seen.failure->detail;
  if (!seen.session) return one;
  one["cookies"] = seen.session->cookies.size();
  one["cookie_size"] = seen.session->cookies.empty() ? 0 : seen.session->cookies.front().size();
  one["aeads"] = aeads_of(exchange);
  one["ntp_server"] = base::to_string(exchange.ntp);
  return one;
}

object of(const ipc::SeenHeader& header) {
  return {{"leap", static_cast<int>(header.leap)},
          {"version", header.version},
          {"stratum", header.stratum},
          {"poll", header.poll},
          {"precision", std::ldexp(1, header.precision)},
          {"root_delay", header.root_delay.seconds().count()},
          {"root_dispersion", header.root_dispersion.seconds().count()},
          {"reference", reference_text(header)}};
}

object of(const Exchanges& exchanges) {
  object one{{"server", base::to_string(exchanges.server)},
             {"sent", exchanges.sent},
             {"answered", exchanges.answered},
             {"malformed", exchanges.malformed},
             {"of_others", exchanges.of_others},
             {"unauthentic", exchanges.unauthentic},
             {"fell_silent", exchanges.fell_silent}};
  if (exchanges.answered == 0) one["outcome"] = word_of(exchanges.first);
  if (exchanges.kiss) one["kiss"] = letters_text(*exchanges.kiss);
  if (const auto best = best_sample(exchanges)) {
    one["offset"] = best->offset.count();
    one["error_bound"] = error_bound(exchanges).count();
    one["delay"] = best->delay.count();
    one["jitter"] = jitter(exchanges).count();
  }
  if (exchanges.header) one["header"] = of(*exchanges.header);
  array sizes;
  for (const auto& size : exchanges.sizes)
    sizes.push_back(object{{"sent", size.sent},
                           {"received", size.received},
                           {"cookies", size.cookies},
                           {"outcome", word_of(size.outcome)}});
  one["sizes"] = std::move(sizes);
  return one;
}

object of(const AtAddress& at) {
  object one{{"address", base::to_string(at.address)}};
  if (at.key_exchange) one["key_exchange"] = of(*at.key_exchange);
  one["ntp"] = of(at.plain);
  if (at.nts) one["nts"] = of(*at.nts);
  one["version_3"] = truth(at.version_3);
  one["interleaved"] = truth(at.interleaved);
  one["source_port"] = truth(at.given_port);
  if (at.burst)
    one["burst"] =
        object{{"sent", at.burst->sent}, {"answered", at.burst->answered}, {"kisses", at.burst->kisses}};
  return one;
}

}  // namespace

object as_json(const Survey& survey, const Verdict& verdict, const Options& options) {
  object all{{"host", options.host}, {"status", word_of(verdict.grade)}, {"verdict", verdict.sentence}};
  array findings;
  for (const auto& finding : survey.findings) findings.push_back(of(finding));
  all["findings"] = std::move(findings);
  array addresses;
  for (const auto& at : survey.facts.addresses) addresses.push_back(of(at));
  all["addresses"] = std::move(addresses);
  all["own_clock"] = object{{"synchronised", survey.facts.own_clock.synchronised},
                            {"max_error", survey.facts.own_clock.max_error.count()}};
  return all;
}

}  // namespace gnomon::ctl::probe

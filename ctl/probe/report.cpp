// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/probe/report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ctl/probe/judge.hpp"
#include "ctl/probe/words.hpp"
#include "ctl/render/prose.hpp"

namespace gnomon::ctl::probe {
namespace {

struct Look {
  std::string_view word;
  Tone tone;
};

Look look_of(Grade grade) {
  switch (grade) {
    case Grade::ok:
      return {"ok", Tone::good};
    case Grade::note:
      return {"note", Tone::plain};
    case Grade::warning:
      return {"WARNING", Tone::warning};
    case Grade::critical:
      return {"CRITICAL", Tone::bad};
    case Grade::unknown:
      break;
  }
  return {"UNKNOWN", Tone::warning};
}

std::size_t count(const Findings& findings, Grade grade) {
  return static_cast<std::size_t>(std::ranges::count(findings, grade, &Finding::grade));
}

// How bad it is on the whole: what is missing may be worse than a warning.
Grade worst(const Findings& findings) {
  for (const auto grade : {Grade::critical, Grade::unknown, Grade::warning})
    if (count(findings, grade) > 0) return grade;
  return Grade::ok;
}

// What the first bad finding says, and how many more there are.
std::string reason(const Findings& findings, Grade grade) {
  const auto first = std::ranges::find(findings, grade, &Finding::grade);
  const auto more = count(findings, grade) - 1;
  const auto where = first->address.empty() ? std::string{} : fmt::format(" ({})", first->address);
  const auto rest = more > 0 ? fmt::format("; and {}", counted(more, "more such finding")) : "";
  return fmt::format("{}: {}{}{}", first->check, first->text, where, rest);
}

// The measurement of the address that is closest, by what the findings tell: plain requests, where there are
// answers.
const Exchanges* closest(const Facts& facts) {
  const Exchanges* found = nullptr;
  const auto consider = [&](const Exchanges& each) {
    const auto best = best_sample(each);
    if (best && (found == nullptr || best->delay < best_sample(*found)->delay)) found = &each;
  };
  for (const auto& at : facts.addresses) consider(at.plain);
  if (found != nullptr) return found;
  for (const auto& at : facts.addresses)
    if (at.nts) consider(*at.nts);
  return found;
}

bool has_nts(const Facts& facts) {
  return std::ranges::any_of(facts.addresses,
                             [](const AtAddress& at) { return at.nts && at.nts->answered > 0; });
}

std::string time_text(const Facts& facts) {
  const auto* const exchanges = closest(facts);
  if (exchanges == nullptr) return "its time could not be measured";
  const auto best = *best_sample(*exchanges);
  return fmt::format("{} +/- {} from this machine's clock", offset_text(best.offset),
                     length_text(error_bound(*exchanges)));
}

// Days until the first certificate expires; nullopt: none was seen.
std::optional<long> certificate_days(const Facts& facts) {
  std::optional<long> days;
  for (const auto& at : facts.addresses)
    if (at.key_exchange && !at.key_exchange->seen.chain.empty()) {
      const auto left = days_between(facts.begun, at.key_exchange->seen.chain.front().not_after);
      days = std::min(days.value_or(left), left);
    }
  return days;
}

bool serves_own_clock(const Facts& facts) {
  return std::ranges::any_of(facts.addresses, [](const AtAddress& at) {
    return at.plain.header && follows_nobody(*at.plain.header);
  });
}

}  // namespace

Verdict verdict_of(const Survey& survey, const Options& options) {
  const auto grade = worst(survey.findings);
  const auto& host = options.host;
  switch (grade) {
    case Grade::critical:
      return {grade,
              fmt::format("{} should not be used as it is: {}.", host, reason(survey.findings, grade))};
    case Grade::unknown:
      return {grade, fmt::format("{} could not be judged: {}.", host, reason(survey.findings, grade))};
    case Grade::warning:
      return {grade, fmt::format("{} can be used, but something is wrong: {}.", host,
                                 reason(survey.findings, grade))};
    default:
      break;
  }
  return {grade,
          fmt::format(
              "{} is a good time server {}{}: {}.", host, has_nts(survey.facts) ? "with NTS" : "without NTS",
              serves_own_clock(survey.facts) ? ", of its own clock alone, which follows no other" : "",
              time_text(survey.facts))};
}

int exit_status(Grade grade) {
  switch (grade) {
    case Grade::warning:
      return 1;
    case Grade::critical:
      return 2;
    case Grade::unknown:
      return 3;
    default:
      return 0;
  }
}

std::string finding_text(const Finding& finding, const std::string& previous, const View& view) {
  constexpr std::size_t grade_width = 9;
  constexpr std::size_t check_width = 14;
  std::string text;
  if (finding.address != previous && !finding.address.empty())
    text = fmt::format("{}\n", toned(finding.address, Tone::strong, view.colours));
  const auto look = look_of(finding.grade);
  const std::string indent = "  ";
  const auto first =
      fmt::format("{}{:<{}}{:<{}}", indent, look.word, grade_width, finding.check, check_width);
  const std::string rest(first.size(), ' ');
  auto lines = paragraph(finding.text, view.width, first, rest);
  lines.replace(indent.size(), look.word.size(), toned(look.word, look.tone, view.colours));
  text += lines;
  if (!finding.remedy.empty())
    text += paragraph(finding.remedy, view.width, rest + "To do: ", rest + "       ");
  return text;
}

std::string verdict_text(const Verdict& verdict, const View& view) {
  const auto look = look_of(verdict.grade);
  const std::string word{verdict.grade == Grade::ok ? "OK" : look.word};
  auto lines = paragraph(verdict.sentence, view.width, word + ": ");
  return lines.replace(0, word.size(), toned(word, look.tone, view.colours));
}

std::string plugin_line(const Survey& survey, const Verdict& verdict, const Options& options) {
  const std::string word{verdict.grade == Grade::ok ? "OK" : look_of(verdict.grade).word};
  auto sentence = harmless_text(verdict.sentence);
  std::ranges::replace(sentence, '|', '/');  // begins the performance data
  std::string data;
  if (const auto* const exchanges = closest(survey.facts)) {
    const auto best = *best_sample(*exchanges);
    data = fmt::format("offset={:.9f}s;{};{} delay={:.9f}s jitter={:.9f}s", best.offset.count(),
                       options.warning.count(), options.critical.count(), best.delay.count(),
                       jitter(*exchanges).count());
    if (exchanges->header) data += fmt::format(" stratum={}", exchanges->header->stratum);
  }
  if (const auto days = certificate_days(survey.facts))
    data += fmt::format("{}certificate={}d", data.empty() ? "" : " ", *days);
  return fmt::format("NTP {}: {}{}{}\n", word, sentence, data.empty() ? "" : " | ", data);
}

}  // namespace gnomon::ctl::probe

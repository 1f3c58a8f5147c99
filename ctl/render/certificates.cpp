// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ctl/render/cells.hpp"
#include "ctl/render/render.hpp"

namespace gnomon::ctl {

namespace {

std::string names_of(const Record& certificate) {
  const auto names = certificate.texts("names");
  const auto further = certificate.integer("further_names");
  if (names.empty() && further == 0) return "none: clients refuse it";
  return fmt::format("{}{}", fmt::join(names, " "), further > 0 ? fmt::format(" and {} more", further) : "");
}

// "a1:b2:..", as openssl prints it.
std::string with_colons(const std::string& digits) {
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && i % 2 == 0) text += ':';
    text += digits[i];
  }
  return text;
}

std::string utc_text(double seconds_since_1970) {
  return date_text(seconds_since_1970) + " UTC";
}

std::string days_left(std::int64_t days) {
  return days < 0 ? "none, it has expired" : fmt::format("{}", days);
}

// What is there now, if that could not be used.
std::string refusal_of(const Record& certificate) {
  const auto since = certificate.optional_number("refused_since");
  if (!since) return "";
  return fmt::format("Files now        : cannot be used, since {}: {}\n", utc_text(*since),
                     certificate.text("refused_reason"));
}

std::string lines_of(const Record& certificate) {
  const auto first = fmt::format("Certificate file : {}\n", certificate.text("file"));
  const auto since = certificate.optional_number("in_use_since");
  if (!since)
    return first + "In use since     : never, it cannot be used; the log says why\n" +
           refusal_of(certificate);
  return first +
         fmt::format(
             "Subject          : {}\n"
             "Names            : {}\n"
             "Key              : {}, {} bits\n"
             "Fingerprint      : {}\n"
             "Valid from       : {}\n"
             "Valid until      : {}\n"
             "Days left        : {}\n"
             "In use since     : {}\n",
             certificate.text("subject"), names_of(certificate), certificate.text("key"),
             certificate.integer("key_bits"), with_colons(certificate.text("fingerprint")),
             utc_text(certificate.number("not_before")), utc_text(certificate.number("not_after")),
             days_left(certificate.integer("days_left")), utc_text(*since)) +
         refusal_of(certificate);
}

std::string certificate_csv(const Record& certificate) {
  const auto since = certificate.optional_number("in_use_since");
  if (!since) return fmt::format("{},,,,,,,,,\n", certificate.text("file"));
  return fmt::format("{},{},{},{},{},{},{:.0f},{:.0f},{},{:.0f}\n", certificate.text("file"),
                     certificate.text("subject"), fmt::join(certificate.texts("names"), " "),
                     certificate.text("key"), certificate.integer("key_bits"),
                     certificate.text("fingerprint"), certificate.number("not_before"),
                     certificate.number("not_after"), certificate.integer("days_left"), *since);
}

}  // namespace

std::string render_certificates(const Reply& reply, const View& view) {
  std::string text;
  const Record record(reply);
  for (const auto& certificate : record.records("certificates"))
    text += view.csv ? certificate_csv(certificate) : (text.empty() ? "" : "\n") + lines_of(certificate);
  if (text.empty() && !view.csv) return "This daemon shows no certificates: it serves no NTS\n";
  return text;
}

}  // namespace gnomon::ctl

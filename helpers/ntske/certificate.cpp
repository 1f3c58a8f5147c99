// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/certificate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>

namespace gnomon::ntske {
namespace {

std::optional<base::RealTime> as_time(const WOLFSSL_ASN1_TIME* time) {
  std::tm calendar{};
  if (time == nullptr || wolfSSL_ASN1_TIME_to_tm(time, &calendar) != WOLFSSL_SUCCESS) return std::nullopt;
  // Beyond the year 2262 nanoseconds do not fit; 9999-12-31 means "no last day".
  if (calendar.tm_year >= 2262 - 1900) return base::RealTime::max();
  return base::RealTime{std::chrono::seconds{::timegm(&calendar)}};
}

constexpr int type_of_address = 7;  // RFC 5280 section 4.2.1.6

struct NamesDeleter {
  void operator()(WOLFSSL_STACK* names) const {
    wolfSSL_sk_GENERAL_NAME_pop_free(names, wolfSSL_GENERAL_NAME_free);
  }
};

}  // namespace

Certificate first_certificate(base::Bytes pem) {
  return Certificate{
      wolfSSL_X509_load_certificate_buffer(pem.data(), static_cast<int>(pem.size()), WOLFSSL_FILETYPE_PEM)};
}

bool is_for_name(WOLFSSL_X509& certificate, std::string_view name) {
  const std::string terminated{name};
  return wolfSSL_X509_check_host(&certificate, terminated.c_str(), terminated.size(), 0, nullptr) ==
         WOLFSSL_SUCCESS;
}

bool is_for_address(const WOLFSSL_X509& certificate, const base::IpAddress& address) {
  const std::unique_ptr<WOLFSSL_STACK, NamesDeleter> names{static_cast<WOLFSSL_STACK*>(
      wolfSSL_X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr))};
  if (!names) return false;
  const auto octets = address.bytes();
  for (int i = 0; i < wolfSSL_sk_GENERAL_NAME_num(names.get()); ++i) {
    const auto* const name = wolfSSL_sk_GENERAL_NAME_value(names.get(), i);
    if (name == nullptr || name->type != type_of_address) continue;
    auto* const found = name->d.iPAddress;
    const auto* const data = wolfSSL_ASN1_STRING_data(found);
    const auto size = static_cast<std::size_t>(wolfSSL_ASN1_STRING_length(found));
    if (std::ranges::equal(base::Bytes{data, size}, octets)) return true;
  }
  return false;
}

std::optional<base::RealTime> not_before(const WOLFSSL_X509& certificate) {
  return as_time(wolfSSL_X509_get_notBefore(&certificate));
}

std::optional<base::RealTime> not_after(const WOLFSSL_X509& certificate) {
  return as_time(wolfSSL_X509_get_notAfter(&certificate));
}

std::string date_text(base::RealTime time) {
  using namespace std::chrono;
  const sys_seconds seconds{floor<std::chrono::seconds>(time.time_since_epoch())};
  const auto day = floor<days>(seconds);
  const year_month_day date{day};
  const hh_mm_ss clock{seconds - day};
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace gnomon::ntske

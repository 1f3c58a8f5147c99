// SPDX-License-Identifier: GPL-2.0-or-later
// Recorded exchanges of other implementations, taken apart and put together again.
#include <wolfssl/options.h>
//
#include <wolfssl/wolfcrypt/hmac.h>

#include <algorithm>

#include "protocol/nts/protection.hpp"
#include "protocol/nts/records.hpp"
#include "protocol/nts/session.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/protocol/vectors.hpp"

using namespace gnomon;
using namespace gnomon::protocol;
using testing::octets;

namespace {

constexpr const char* recordings[] = {
    "exchange_chrony_client_aead15.json",        "exchange_chrony_client_aead30.json",
    "exchange_chrony_server_aead15.json",        "exchange_chrony_server_aead30_compliant.json",
    "exchange_chrony_server_aead30_legacy.json", "exchange_ntpd_rs_client_aead15.json",
    "exchange_ntpd_rs_server_aead15.json",       "exchange_ntpd_rs_server_aead17.json"};

struct Recording {
  boost::json::object json;
  AeadId aead;
  base::Buffer c2s_key;
  base::Buffer s2c_key;
  explicit Recording(const char* name) : json(testing::load_vectors(name)) {
    aead = aead_from_number(json.at("aead").to_number<std::uint16_t>()).value();
    c2s_key = octets(json.at("keys"), "c2s_key");
    s2c_key = octets(json.at("keys"), "s2c_key");
  }
  [[nodiscard]] Aead c2s() const { return std::move(Aead::make(aead, c2s_key).value()); }
  [[nodiscard]] Aead s2c() const { return std::move(Aead::make(aead, s2c_key).value()); }
  [[nodiscard]] std::string text(std::string_view member) const {
    return std::string{json.at(member).as_string()};
  }
  // Calls check(exchange, request, response) for each of a kind.
  template <typename Check>
  std::size_t each(std::string_view kind, Check check) const {
    std::size_t count = 0;
    for (const auto& exchange : json.at("exchanges").as_array()) {
      if (exchange.as_object().at("kind").as_string() != kind) continue;
      check(exchange.as_object(), octets(exchange, "request"), octets(exchange, "response"));
      ++count;
    }
    return count;
  }
};

// HKDF-Expand-Label of RFC 8446 section 7.1.
base::Buffer expand_label(int hash, base::Bytes secret, std::string_view label, base::Bytes context,
                          std::size_t length) {
  const std::string full = "tls13 " + std::string{label};
  base::Buffer info(2 + 1 + full.size() + 1 + context.size());
  base::ByteWriter writer{info};
  writer.write(static_cast<std::uint16_t>(length));
  writer.write(static_cast<std::uint8_t>(full.size()));
  writer.write(base::as_bytes(full));
  writer.write(static_cast<std::uint8_t>(context.size()));
  writer.write(context);
  base::Buffer out(length);
  REQUIRE(wc_HKDF_Expand(hash, secret.data(), static_cast<word32>(secret.size()), info.data(),
                         static_cast<word32>(info.size()), out.data(), static_cast<word32>(length)) == 0);
  return out;
}

base::Buffer digest(wc_HashType type, base::Bytes data) {
  base::Buffer out(static_cast<std::size_t>(wc_HashGetDigestSize(type)));
  const std::uint8_t nothing = 0;
  REQUIRE(wc_Hash(type, data.empty() ? &nothing : data.data(), static_cast<word32>(data.size()), out.data(),
                  static_cast<word32>(out.size())) == 0);
  return out;
}

base::Buffer exported(const Recording& recording, base::Bytes context) {
  const auto& keys = recording.json.at("keys");
  const bool sha384 = keys.at("hash").as_string() == "sha384";
  const auto type = sha384 ? WC_HASH_TYPE_SHA384 : WC_HASH_TYPE_SHA256;
  const int hmac = sha384 ? int{WC_SHA384} : int{WC_SHA256};
  const auto empty = digest(type, {});
  const auto derived =
      expand_label(hmac, octets(keys, "exporter_master_secret"), exporter_label, empty, empty.size());
  return expand_label(hmac, derived, "exporter", digest(type, context), traits(recording.aead).key_size);
}

const boost::json::object* field(const boost::json::object& exchange, std::string_view fields,
                                 std::string_view type) {
  for (const auto& entry : exchange.at(fields).as_array())
    if (entry.as_object().at("type").as_string() == type) return &entry.as_object();
  return nullptr;
}

// The cookie fields of the recorded plaintext.
std::vector<base::Buffer> new_cookies(const boost::json::object& exchange) {
  const auto plaintext = octets(*field(exchange, "response_efs", "0x0404"), "plaintext");
  std::vector<base::Buffer> cookies;
  base::ByteReader reader{plaintext};
  while (!reader.empty()) {
    REQUIRE(reader.read<std::uint16_t>() == 0x0204);
    const auto body = reader.take(reader.read<std::uint16_t>().value() - std::size_t{4}).value();
    cookies.emplace_back(body.begin(), body.end());
  }
  return cookies;
}

bool legacy_export(const Recording& recording) {
  return recording.text("name").find("30") != std::string::npos &&
         recording.json.at("keys").at("context_c2s").as_string() == "0000000f00";
}

}  // namespace

TEST_CASE("the exporter gives the recorded keys from the recorded secret") {
  for (const auto* name : recordings) {
    INFO(name);
    const Recording recording{name};
    const std::uint16_t number = legacy_export(recording) ? 15 : static_cast<std::uint16_t>(recording.aead);
    const auto c2s = exporter_context(number, KeyDirection::client_to_server);
    const auto s2c = exporter_context(number, KeyDirection::server_to_client);
    CHECK(base::to_hex(c2s) == std::string{recording.json.at("keys").at("context_c2s").as_string()});
    CHECK(exported(recording, c2s) == recording.c2s_key);
    CHECK(exported(recording, s2c) == recording.s2c_key);
  }
}

TEST_CASE("recorded NTS-KE requests are good ones and their AEAD is found") {
  for (const auto* name : recordings) {
    INFO(name);
    const Recording recording{name};
    const auto message = octets(recording.json, "ke_request");
    CHECK(ke_progress(message, max_ke_request_size) == KeProgress::complete);
    const auto offer = parse_ke_request(message, std::span{&recording.aead, 1});
    REQUIRE(offer);
    CHECK(offer->aead == recording.aead);
    CHECK(offer->compliant_aes_128_gcm_siv ==
          (recording.aead == AeadId::aes_128_gcm_siv && !legacy_export(recording)));
  }
}

TEST_CASE("recorded NTS-KE responses give the AEAD, the port and eight cookies") {
  for (const auto* name : recordings) {
    INFO(name);
    const Recording recording{name};
    const auto message = octets(recording.json, "ke_response");
    CHECK(ke_progress(message, max_ke_response_size) == KeProgress::complete);
    const auto response = parse_ke_response(message, KeRequest{{30, 17, 15}});
    REQUIRE(response);
    CHECK(response->aead == recording.aead);
    CHECK(response->ntp_port == recording.json.at("ntp_port").to_number<std::uint16_t>());
    std::vector<base::Buffer> cookies;
    bool compliant = false;
    for (const auto& record : recording.json.at("ke_response_records").as_array()) {
      if (record.at("type").to_number<int>() == 5) cookies.push_back(octets(record, "body"));
      compliant = compliant || record.at("type").to_number<int>() == 1024;
    }
    CHECK(response->cookies == cookies);
    CHECK(response->compliant_aes_128_gcm_siv == compliant);
  }
}

TEST_CASE("recorded NTS-KE messages of chrony are those we would write") {
  const Recording recording{"exchange_chrony_client_aead30.json"};
  CHECK(encode(KeRequest{{30, 15}}) == octets(recording.json, "ke_request"));
  const auto response = parse_ke_response(octets(recording.json, "ke_response"), KeRequest{{30, 15}});
  REQUIRE(response);
  const KeAnswer answer{{response->aead, true, response->compliant_aes_128_gcm_siv},
                        response->cookies,
                        response->ntp_server,
                        response->ntp_port};
  CHECK(encode(answer) == octets(recording.json, "ke_response"));
}

TEST_CASE("every recorded request verifies under C2S and is rebuilt octet for octet") {
  for (const auto* name : recordings) {
    INFO(name);
    const Recording recording{name};
    const auto c2s = recording.c2s();
    const auto count =
        recording.each("authenticated", [&](const auto& exchange, const auto& datagram, const auto&) {
          const auto packet = parse(datagram);
          REQUIRE(packet);
          auto request = read_nts_request(*packet, datagram);
          REQUIRE(request);
          CHECK(request->placeholders == testing::size(exchange, "placeholders"));
          CHECK(padding_suffices(*request, recording.aead));
          REQUIRE(verify_request(*request, datagram, c2s));
          UniqueIdentifier id{};
          REQUIRE(request->unique_identifier.size() == id.size());
          std::ranges::copy(request->unique_identifier, id.begin());
          CHECK(protect_request(packet->header, id, request->cookie, request->placeholders, c2s,
                                testing::nonce_of(request->nonce)) == datagram);
        });
    CHECK(count >= 2);
  }
}

TEST_CASE("every recorded response verifies under S2C and gives its new cookies") {
  for (const auto* name : recordings) {
    INFO(name);
    const Recording recording{name};
    const auto s2c = recording.s2c();
    recording.each("authenticated", [&](const auto& exchange, const auto& asked, const auto& datagram) {
      const auto question = parse(asked);
      const auto packet = parse(datagram);
      REQUIRE((question && packet));
      UniqueIdentifier id{};
      std::ranges::copy(question->fields()[0].body, id.begin());
      auto response = verify_response(*packet, datagram, id, s2c);
      REQUIRE(response);
      CHECK(response->header() == packet->header);
      const auto cookies = new_cookies(exchange);
      CHECK(response->cookies() == cookies);
      id[5] ^= 1U;
      CHECK(verify_response(*packet, datagram, id, s2c).error() == ResponseError::wrong_unique_identifier);
    });
  }
}

TEST_CASE("sealing the recorded plaintext with the recorded nonce gives the recorded ciphertext") {
  for (const auto* name : recordings) {
    INFO(name);
    const Recording recording{name};
    const auto check = [](const Aead& aead, const boost::json::object& sealed, base::Bytes datagram) {
      const auto plaintext = octets(sealed, "plaintext");
      base::Buffer out(plaintext.size() + aead_tag_size);
      REQUIRE(aead.seal(octets(sealed, "nonce"),
                        datagram.first(testing::size(sealed, "associated_data_length")), plaintext, out));
      CHECK(out == octets(sealed, "ciphertext"));
    };
    recording.each("authenticated", [&](const auto& exchange, const auto& request, const auto& response) {
      check(recording.c2s(), *field(exchange, "request_efs", "0x0404"), request);
      check(recording.s2c(), *field(exchange, "response_efs", "0x0404"), response);
    });
  }
}

TEST_CASE("chrony's responses are rebuilt octet for octet") {
  for (const auto* name : {"exchange_chrony_server_aead15.json", "exchange_chrony_server_aead30_legacy.json",
                           "exchange_chrony_server_aead30_compliant.json"}) {
    const Recording recording{name};
    const auto s2c = recording.s2c();
    recording.each("authenticated", [&](const auto& exchange, const auto& request, const auto& datagram) {
      const auto packet = parse(datagram);
      const auto cookies = new_cookies(exchange);
      const std::vector<base::Bytes> views(cookies.begin(), cookies.end());
      base::Buffer out(max_datagram_size);
      const auto nonce = octets(*field(exchange, "response_efs", "0x0404"), "nonce");
      out.resize(protect_response(packet->header, packet->fields()[0].body, views, s2c,
                                  testing::nonce_of(nonce), request.size(), out));
      CHECK(out == datagram);
    });
  }
}

TEST_CASE("recorded NAKs are seen as such, and only with their own identifier") {
  std::size_t seen = 0;
  for (const auto* name : recordings) {
    INFO(name);
    const Recording recording{name};
    seen += recording.each("nak", [&](const auto&, const auto& asked, const auto& datagram) {
      const auto question = parse(asked);
      const auto packet = parse(datagram);
      REQUIRE((question && packet));
      UniqueIdentifier id{};
      std::ranges::copy(question->fields()[0].body, id.begin());
      CHECK(is_nts_nak(*packet, id));
      CHECK(verify_response(*packet, datagram, id, recording.s2c()).error() ==
            ResponseError::no_authenticator);
      id[0] ^= 1U;
      CHECK_FALSE(is_nts_nak(*packet, id));
    });
  }
  CHECK(seen >= 3);
}

TEST_CASE("recorded plain requests have nothing of NTS") {
  for (const auto* name : recordings) {
    Recording{name}.each("plain", [&](const auto&, const auto& asked, const auto&) {
      CHECK(read_nts_request(parse(asked).value(), asked).error() == NtsRequestError::not_nts);
    });
  }
}

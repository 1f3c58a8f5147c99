// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/serving/responder.hpp"

#include <algorithm>

#include "daemon/core/engine/serving/clock_header.hpp"
#include "protocol/mac/packet_mac.hpp"
#include "protocol/mac/signd.hpp"
#include "protocol/ntp/interleaved.hpp"
#include "protocol/ntp/packet.hpp"
#include "protocol/nts/protection.hpp"
#include "protocol/nts/records.hpp"

namespace gnomon::engine {

namespace {

constexpr base::ReferenceId rate_code = base::reference_id("RATE");
constexpr std::size_t field_header = 4;

using CookieRoom = std::array<std::uint8_t, protocol::cookies_wanted * protocol::max_cookie_size>;

// A server answers clients, and peers as one that is not configured for them: with its time, which it does
// not compare with theirs (RFC 5905 section 9.2, symmetric passive).
constexpr bool is_request(const protocol::Header& header, std::uint16_t port) {
  if (header.mode == protocol::Mode::reserved) return header.version == 1 && port != ntp_port;
  return header.mode == protocol::Mode::client || header.mode == protocol::Mode::symmetric_active;
}

constexpr protocol::Mode answering_mode(const protocol::Header& asked) {
  return asked.mode == protocol::Mode::symmetric_active ? protocol::Mode::symmetric_passive
                                                        : protocol::Mode::server;
}

protocol::Header answer_header(const ServerView& view, const protocol::Header& asked,
                               const Request& request) {
  protocol::Header h = served_header(view, request.received);
  h.version = asked.version;
  h.mode = answering_mode(asked);
  h.poll = asked.poll;
  h.origin = asked.transmit;
  h.transmit = base::to_ntp(served(view, std::max(request.transmit, request.received)));
  return h;
}

struct Reply {
  protocol::Header header;
  protocol::Extensions extensions;
  std::optional<base::NtpTimestamp> interleaved;  // as in Answer
};

// Of the extension fields that the request has those that we know something of.
protocol::Extensions extensions_for(const ServerView& view, const protocol::Packet& packet,
                                    const Request& request) {
  if (packet.field_count == 0) return {};
  protocol::Extensions fields = protocol::read_extensions(packet.fields());
  if (fields.monotonic) fields.monotonic = served_monotonic_root(view, request.received);
  if (fields.correction) fields.correction = request.network;
  return fields;
}

// The answer to a request that has been found worth one.
Reply reply_to(const ServerView& view, const protocol::Packet& packet, const Request& request,
               TransmitMemory* memory) {
  const auto& asked = packet.header;
  Reply reply{answer_header(view, asked, request), extensions_for(view, packet, request), {}};
  if (memory == nullptr || !protocol::may_interleave(asked)) return reply;
  const auto turn = memory->take_turn(asked.origin, reply.header.receive, reply.header.transmit);
  auto& header = reply.header;
  header.receive = turn.receive;
  if ((header.transmit - header.receive).value < 0) header.transmit = header.receive;
  if (!turn.previous) return reply;
  protocol::interleave(header, asked, *turn.previous);
  reply.interleaved = turn.receive;
  return reply;
}

protocol::Header kiss_header(const protocol::Header& asked, const Request& request) {
  protocol::Header h;
  h.leap = base::LeapIndicator::unsynchronised;
  h.version = asked.version;
  h.mode = answering_mode(asked);
  h.poll = asked.poll;
  h.reference_id = rate_code;
  h.origin = asked.transmit;
  h.receive = h.transmit = base::to_ntp(request.received);
  return h;
}

base::Bytes identifier_in(const protocol::Packet& packet) {
  for (const auto& field : packet.fields())
    if (field.type == static_cast<std::uint16_t>(protocol::FieldType::unique_identifier)) return field.body;
  return {};
}

// Header and extension fields, and the client's identifier where it sent one and there is room.
Answer plain_answer(Outcome outcome, const protocol::Header& header, const protocol::Extensions& extensions,
                    const protocol::Packet& packet, base::Bytes datagram, base::MutableBytes out) {
  base::ByteWriter writer(out);
  protocol::write_header(header, writer);
  protocol::write_extensions(extensions, writer);
  const base::Bytes identifier = identifier_in(packet);
  constexpr std::size_t least_last_field = 28;
  const std::size_t field = std::max(field_header + base::round_up_to_4(identifier.size()), least_last_field);
  if (!identifier.empty() && writer.size() + field <= datagram.size())
    protocol::write_field(protocol::FieldType::unique_identifier, identifier, writer, least_last_field);
  if (writer.failed() || writer.size() > datagram.size()) return {Outcome::too_small, 0};
  return {outcome, writer.size()};
}

// Who has made the request's MAC; null: nobody whose key we have.
const protocol::SymmetricKey* key_of(const ServerSnapshot& snapshot, const protocol::Packet& packet,
                                     base::Bytes datagram) {
  const auto id = snapshot.keys ? protocol::mac_key_id(packet) : std::nullopt;
  const auto* const key = id ? snapshot.keys->find(*id) : nullptr;
  return key != nullptr && protocol::is_mac_of(*key, packet, datagram) ? key : nullptr;
}

// Header, extension fields and MAC: as long as those of the request.
Answer mac_answer(Outcome outcome, const protocol::Header& header, const protocol::Extensions& extensions,
                  const protocol::SymmetricKey& key, base::Bytes datagram, base::MutableBytes out) {
  base::ByteWriter writer(out);
  protocol::write_header(header, writer);
  protocol::write_extensions(extensions, writer);
  const std::size_t size = protocol::append_mac(key, header.version, writer.size(), out);
  if (size == 0 || size > datagram.size()) return {Outcome::too_small, 0};
  return {outcome, size};
}

// The account's key is not here. Under the rate limit a kiss would have to be signed as well: silence has to
// do.
Answer answer_to_be_signed(const ServerSnapshot& snapshot, const protocol::Packet& packet,
                           protocol::SigningAccount account, const Request& request, base::MutableBytes out) {
  base::ByteWriter writer(out);
  protocol::write_header(answer_header(snapshot.view, packet.header, request), writer);
  return {.outcome = Outcome::to_be_signed, .size = writer.size(), .account = account};
}

// With the MAC of `key`, or plain without one.
Answer unprotected_answer(const ServerSnapshot& snapshot, const protocol::Packet& packet,
                          const protocol::SymmetricKey* key, const Request& request, base::MutableBytes out,
                          TransmitMemory* memory) {
  const Reply reply = reply_to(snapshot.view, packet, request, memory);
  const auto& datagram = request.datagram;
  Answer answer =
      key != nullptr ? mac_answer(Outcome::authenticated, reply.header, reply.extensions, *key, datagram, out)
                     : plain_answer(Outcome::answered, reply.header, reply.extensions, packet, datagram, out);
  answer.interleaved = reply.interleaved;
  return answer;
}

protocol::NonceEntropy nonce_at(EntropyView entropy, std::size_t index) {
  protocol::NonceEntropy nonce{};
  std::copy_n(entropy.begin() + static_cast<std::ptrdiff_t>(index * nonce.size()), nonce.size(),
              nonce.begin());
  return nonce;
}

// How many of the wanted cookies could be made.
std::size_t seal_cookies(const protocol::CookieSealer& sealer, const protocol::SessionKeys& keys,
                         std::size_t wanted, EntropyView entropy, CookieRoom& room,
                         std::array<base::Bytes, protocol::cookies_wanted>& cookies) {
  const std::size_t size = sealer.cookie_size(keys.aead);
  if (size > protocol::max_cookie_size) return 0;
  std::size_t made = 0;
  while (made < std::min(wanted, cookies.size())) {
    const auto cookie = base::MutableBytes(room).subspan(made * protocol::max_cookie_size, size);
    if (!sealer.seal(keys, nonce_at(entropy, made + 1), cookie)) break;
    cookies[made++] = cookie;
  }
  return made;
}

Answer nak(const protocol::Header& asked, const protocol::NtsRequest& nts, base::Bytes datagram,
           base::MutableBytes out) {
  const std::size_t size = protocol::write_nak(asked, nts.unique_identifier, out);
  if (size == 0 || size > datagram.size()) return {Outcome::too_small, 0};
  return {Outcome::nak, size};
}

Answer protected_answer(const ServerSnapshot& snapshot, const protocol::Packet& packet,
                        protocol::NtsRequest& nts, const Request& request, EntropyView entropy,
                        base::MutableBytes out, TransmitMemory* memory) {
  const auto& asked = packet.header;
  if (!snapshot.sealer) return {Outcome::nts_unavailable, 0};
  const auto keys = snapshot.sealer->open(nts.cookie);
  if (!keys) return nak(asked, nts, request.datagram, out);
  if (!protocol::padding_suffices(nts, keys->aead)) return {Outcome::malformed, 0};
  const auto c2s = protocol::Aead::make(keys->aead, keys->c2s.reveal());
  const auto s2c = protocol::Aead::make(keys->aead, keys->s2c.reveal());
  if (!c2s || !s2c || !protocol::verify_request(nts, request.datagram, *c2s))
    return nak(asked, nts, request.datagram, out);
  CookieRoom room;
  std::array<base::Bytes, protocol::cookies_wanted> cookies{};
  std::size_t count = seal_cookies(*snapshot.sealer, *keys, 1 + nts.placeholders, entropy, room, cookies);
  const std::size_t used = (1 + count) * sizeof(protocol::NonceEntropy);
  const Reply reply = reply_to(snapshot.view, packet, request, memory);
  // Cookies of an older, shorter kind leave no room for as many of ours.
  for (; count > 0; --count) {
    const std::size_t size =
        protocol::protect_response(reply.header, nts.unique_identifier, std::span(cookies).first(count), *s2c,
                                   nonce_at(entropy, 0), request.datagram.size(), out, reply.extensions);
    if (size > 0)
      return {
          .outcome = Outcome::authenticated, .size = size, .interleaved = reply.interleaved, .entropy = used};
  }
  return {Outcome::too_small, 0};
}

// Cheap to compute and unknown to the client: which excess requests pass must not be predictable.
std::uint32_t random_of(EntropyView entropy) {
  base::ByteReader reader(base::Bytes(entropy.last<dice_size>()));
  return reader.read<std::uint32_t>().value_or(0);
}

base::Admission admit(base::RateLimiter* limiter, const ServerMemory& memory, const Request& request,
                      EntropyView entropy) {
  const auto admission = limiter != nullptr ? limiter->admit(request.client, request.mono, random_of(entropy))
                                            : base::Admission::pass;
  if (memory.clients != nullptr) memory.clients->count(Service::ntp, request.client, request.mono, admission);
  return admission;
}

}  // namespace

Answer respond(const ServerSnapshot& snapshot, const ServerMemory& memory, const Request& request,
               EntropyView entropy, base::MutableBytes out) {
  if (!snapshot.access.allows(request.client)) return {Outcome::denied, 0};
  const auto header = protocol::parse_header(request.datagram);
  if (!header) return {Outcome::malformed, 0};
  if (!is_request(*header, request.port) || header->version < 1 || header->version > 4)
    return {Outcome::not_a_request, 0};
  const auto admission = admit(limiter_of(snapshot, memory), memory, request, entropy);
  if (admission == base::Admission::drop) return {Outcome::rate_limited, 0};
  const auto packet = protocol::parse(request.datagram);
  if (!packet) return {Outcome::malformed, 0};
  if (const auto account = snapshot.signs ? protocol::signing_account(*packet) : std::nullopt)
    return admission == base::Admission::kiss
               ? Answer{Outcome::rate_limited, 0}
               : answer_to_be_signed(snapshot, *packet, *account, request, out);
  const bool has_mac = packet->trailer != protocol::TrailerKind::none;
  const auto* const key = has_mac ? key_of(snapshot, *packet, request.datagram) : nullptr;
  if (has_mac && key == nullptr) return {Outcome::bad_mac, 0};
  if (admission == base::Admission::kiss) {
    const auto kiss = kiss_header(*header, request);
    return key != nullptr ? mac_answer(Outcome::kiss_rate, kiss, {}, *key, request.datagram, out)
                          : plain_answer(Outcome::kiss_rate, kiss, {}, *packet, request.datagram, out);
  }
  if (key != nullptr) return unprotected_answer(snapshot, *packet, key, request, out, memory.answers);
  auto nts = protocol::read_nts_request(*packet, request.datagram);
  if (nts) return protected_answer(snapshot, *packet, *nts, request, entropy, out, memory.answers);
  if (nts.error() == protocol::NtsRequestError::malformed) return {Outcome::malformed, 0};
  return unprotected_answer(snapshot, *packet, nullptr, request, out, memory.answers);
}

}  // namespace gnomon::engine

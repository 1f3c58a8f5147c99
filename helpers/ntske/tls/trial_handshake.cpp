// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/tls/trial_handshake.hpp"

#include <wolfssl/wolfcrypt/ecc.h>

#include <algorithm>
#include <deque>

namespace gnomon::ntske {
namespace {

// Each message crosses once; a handshake needs three, so this many turns are plenty.
constexpr int max_turns = 20;

struct End {
  std::deque<char> incoming;
  End* other = nullptr;
  TlsSession session;
};

int take(WOLFSSL* /*session*/, char* into, int size, void* end) {
  auto& incoming = static_cast<End*>(end)->incoming;
  if (incoming.empty()) return WOLFSSL_CBIO_ERR_WANT_READ;
  const auto count = std::min<std::ptrdiff_t>(size, static_cast<std::ptrdiff_t>(incoming.size()));
  std::copy_n(incoming.begin(), count, into);
  incoming.erase(incoming.begin(), incoming.begin() + count);
  return static_cast<int>(count);
}

int give(WOLFSSL* /*session*/, char* from, int size, void* end) {
  auto& incoming = static_cast<End*>(end)->other->incoming;
  incoming.insert(incoming.end(), from, from + size);
  return size;
}

bool prepare(End& end, WOLFSSL_CTX& context) {
  end.session.reset(wolfSSL_new(&context));
  if (!end.session) return false;
  wolfSSL_SSLSetIORecv(end.session.get(), take);
  wolfSSL_SSLSetIOSend(end.session.get(), give);
  wolfSSL_SetIOReadCtx(end.session.get(), &end);
  wolfSSL_SetIOWriteCtx(end.session.get(), &end);
  return true;
}

struct Ends {
  End client;
  End server;
  Ends() {
    client.other = &server;
    server.other = &client;
  }
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;
};

// Whether both sides come to the end.
bool shake_hands(Ends& ends) {
  for (int turn = 0; turn < max_turns; ++turn) {
    const bool connected = wolfSSL_connect(ends.client.session.get()) == WOLFSSL_SUCCESS;
    const bool accepted = wolfSSL_accept(ends.server.session.get()) == WOLFSSL_SUCCESS;
    if (connected && accepted) return true;
  }
  return false;
}

// Of wolfCrypt for its curves, 1.7 MB: a trial makes them for the client's side of it.
struct FreeTables {
  FreeTables() = default;
  ~FreeTables() { wc_ecc_fp_free(); }
  FreeTables(const FreeTables&) = delete;
  FreeTables& operator=(const FreeTables&) = delete;
};

}  // namespace

bool handshake_works(WOLFSSL_CTX& server) {
  const FreeTables at_the_end;
  const auto client = make_context(TlsSide::client);
  if (!client) return false;
  wolfSSL_CTX_set_verify(client.get(), WOLFSSL_VERIFY_NONE, nullptr);
  Ends ends;
  return prepare(ends.client, *client) && prepare(ends.server, server) && shake_hands(ends);
}

std::optional<protocol::KeFailure> checked_handshake(WOLFSSL_CTX& server, WOLFSSL_CTX& client,
                                                     PeerCheck& check) {
  using protocol::KeFailure;
  using protocol::KeFailureReason;
  Ends ends;
  if (!prepare(ends.client, client) || !prepare(ends.server, server) || !check.attach(*ends.client.session))
    return KeFailure{KeFailureReason::tls_handshake, "out of memory"};
  if (shake_hands(ends)) return check.wrong_name(*ends.client.session);
  const int error = wolfSSL_get_error(ends.client.session.get(), 0);
  return check.verdict(error).value_or(KeFailure{KeFailureReason::tls_handshake, "the TLS handshake fails"});
}

}  // namespace gnomon::ntske

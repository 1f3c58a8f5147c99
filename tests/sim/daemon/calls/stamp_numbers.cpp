// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/daemon/calls/stamp_numbers.hpp"

#include <linux/errqueue.h>
#include <netinet/in.h>

#include <cstring>

namespace gnomon::sim {

namespace {

bool has_number(const cmsghdr& c) {
  return (c.cmsg_level == IPPROTO_IP && c.cmsg_type == IP_RECVERR) ||
         (c.cmsg_level == IPPROTO_IPV6 && c.cmsg_type == IPV6_RECVERR);
}

}  // namespace

void StampNumbers::correct(int descriptor, msghdr& message) {
  for (auto* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (!has_number(*c) || c->cmsg_len < CMSG_LEN(sizeof(sock_extended_err))) continue;
    sock_extended_err error{};
    std::memcpy(&error, CMSG_DATA(c), sizeof error);
    if (error.ee_origin != SO_EE_ORIGIN_TIMESTAMPING) continue;
    const auto [at, is_first] = known_.try_emplace(descriptor, Numbers{error.ee_data, error.ee_data});
    const bool stands_still = !is_first && at->second.last == error.ee_data;
    at->second.last = error.ee_data;
    error.ee_data -= at->second.first;
    std::memcpy(CMSG_DATA(c), &error, sizeof error);
    if (stands_still) c->cmsg_type = -1;  // known to nobody
  }
}

}  // namespace gnomon::sim

// SPDX-License-Identifier: GPL-2.0-or-later
// The numbers of chrony's control protocol, version 6: requests, forms of replies, and what became of a
// request. Codes that chrony no longer knows are not here, except those that chronyc 4.3 still sends.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gnomon::protocol::cmdmon {

inline constexpr std::uint8_t version = 6;
inline constexpr std::uint8_t oldest_answered_version = 5;  // hears of the mismatch
inline constexpr std::uint8_t request_type = 1;
inline constexpr std::uint8_t reply_type = 2;
inline constexpr std::size_t request_header_size = 20;
inline constexpr std::size_t reply_header_size = 28;
// A reply without data must fit into the request, and no request is longer than that of `add server` with
// the padding of `clients`.
inline constexpr std::size_t shortest_request = reply_header_size;
inline constexpr std::size_t longest_request = 860;

enum class Code : std::uint16_t {
  online = 1,
  offline = 2,
  burst = 3,
  modify_minpoll = 4,
  modify_maxpoll = 5,
  dump = 6,
  modify_maxdelay = 7,
  modify_maxdelayratio = 8,
  modify_maxupdateskew = 9,
  settime = 11,
  manual = 13,
  n_sources = 14,
  source_data = 15,
  rekey = 16,
  allow = 17,
  allow_all = 18,
  deny = 19,
  deny_all = 20,
  cmdallow = 21,
  cmdallow_all = 22,
  cmddeny = 23,
  cmddeny_all = 24,
  accheck = 25,
  cmdaccheck = 26,
  del_source = 29,
  writertc = 30,
  dfreq = 31,
  tracking = 33,
  sourcestats = 34,
  rtcreport = 35,
  trimrtc = 36,
  cyclelogs = 37,
  manual_list = 41,
  manual_delete = 42,
  makestep = 43,
  activity = 44,
  modify_minstratum = 45,
  modify_polltarget = 46,
  modify_maxdelaydevratio = 47,
  reselect = 48,
  reselectdistance = 49,
  modify_makestep = 50,
  smoothing = 51,
  smoothtime = 52,
  refresh = 53,
  server_stats = 54,
  local2 = 56,  // of chronyc before 4.5: without the times
  ntp_data = 57,
  shutdown = 62,
  onoffline = 63,
  add_source = 64,
  ntp_source_name = 65,
  reset_sources = 66,
  auth_data = 67,
  client_accesses = 68,
  select_data = 69,
  reload_sources = 70,
  doffset = 71,
  modify_selectopts = 72,
  modify_offset = 73,
  local = 74
};

enum class ReplyCode : std::uint16_t {
  null = 1,
  n_sources = 2,
  source_data = 3,
  tracking = 5,
  sourcestats = 6,
  rtc = 7,
  activity = 12,
  smoothing = 13,
  server_stats = 14,  // of chrony 3
  ntp_data = 16,      // before 4.4
  manual_timestamp = 17,
  manual_list = 18,
  ntp_source_name = 19,
  auth_data = 20,
  client_accesses = 21,
  server_stats2 = 22,  // of 4.0
  select_data = 23,
  server_stats3 = 24,  // of 4.1 to 4.3
  server_stats4 = 25,
  ntp_data2 = 26
};

enum class Status : std::uint16_t {
  success = 0,
  failed = 1,
  unauthorised = 2,
  invalid = 3,
  no_such_source = 4,
  not_enabled = 6,
  bad_subnet = 7,
  access_allowed = 8,
  access_denied = 9,
  source_already_known = 11,
  too_many_sources = 12,
  no_rtc = 13,
  bad_rtc_file = 14,
  inactive = 15,  // there is no client log
  bad_sample = 16,
  invalid_address_family = 17,
  bad_packet_version = 18,
  bad_packet_length = 19,
  invalid_name = 21
};

}  // namespace gnomon::protocol::cmdmon

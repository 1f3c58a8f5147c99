// SPDX-License-Identifier: GPL-2.0-or-later
// Network Time Security, client and server.
#include <algorithm>
#include <array>

#include "config/directives.hpp"

namespace gnomon::config {

namespace {

constexpr std::array<std::uint16_t, 3> known_aeads{15, 17, 30};  // RFC 8915 section 4.1.5, IANA's numbers

// As chrony does, an algorithm that is not there is passed over, so that one line fits every version.
void set_aeads(ParseState& state, Arguments& a) {
  std::vector<std::uint16_t> aeads;
  while (a.more()) {
    const int id = a.integer<int>();
    const bool known = std::ranges::find(known_aeads, id) != known_aeads.end();
    if (known && std::ranges::find(aeads, id) == aeads.end()) aeads.push_back(static_cast<std::uint16_t>(id));
  }
  state.config.nts.aeads = std::move(aeads);
}

void add_trusted_certificates(ParseState& state, Arguments& a) {
  TrustedCertificates trusted;
  if (a.left() > 1) trusted.set = a.integer<std::uint32_t>();
  trusted.path = a.text();
  state.config.nts.trusted_certificates.push_back(std::move(trusted));
}

constexpr std::array nts_table{
    Directive{
        {.name = "ntsdumpdir",
         .arguments = "DIRECTORY",
         .text =
             "Keeps the sources' cookies, the server's keys and the last confirmed time across a restart."},
        [](ParseState& s, Arguments& a) { s.config.nts.dump_dir = a.text(); }},
    Directive{{.name = "ntscachedir", .arguments = "DIRECTORY", .text = "Another name for ntsdumpdir."},
              [](ParseState& s, Arguments& a) { s.config.nts.dump_dir = a.text(); }},
    Directive{{.name = "ntsaeads",
               .arguments = "[ID]...",
               .default_value = "30 15",
               .text = "The AEAD algorithms for NTS, the preferred one first; an empty list turns NTS off.",
               .range = count_range},
              set_aeads},
    Directive{{.name = "ntsrefresh",
               .arguments = "SECONDS",
               .default_value = "2419200",
               .text = "Makes a new key exchange with a source after this time; older cookies kept from the "
                       "last run are used only until then.",
               .range = count_range,
               .at_run_time = true},
              [](ParseState& s, Arguments& a) { s.config.nts.refresh = a.whole_seconds(); }},
    Directive{
        {.name = "ntstrustedcerts",
         .arguments = "[SET] FILE|DIRECTORY",
         .default_value = "the system's, in set 0",
         .text = "Adds certificates to a set, of authorities or of single servers as they are; the option "
                 "certset of a source names the set.",
         .range = {0, 4294967295.0},
         .at_run_time = true},
        add_trusted_certificates,
        nullptr,
        true},
    Directive{{.name = "nosystemcert",
               .text = "Leaves the system's certificates out of set 0.",
               .at_run_time = true},
              [](ParseState& s, Arguments&) { s.config.nts.no_system_certificates = true; }},
    Directive{{.name = "nocerttimecheck",
               .arguments = "UPDATES",
               .default_value = "0",
               .text = "Ignores the dates of certificates until this many clock updates. Without it, the "
                       "date is found safely when the clock is not confirmed yet.",
               .range = count_range,
               .at_run_time = true},
              [](ParseState& s, Arguments& a) { s.config.nts.no_certificate_time_check = a.integer<int>(); }},
    Directive{{.name = "ntsport",
               .arguments = "PORT",
               .default_value = "4460",
               .text = "The TCP port of the key exchange server.",
               .range = port_range},
              [](ParseState& s, Arguments& a) { s.config.nts.port = a.integer<std::uint16_t>(); }},
    Directive{{.name = "ntsservercert",
               .arguments = "FILE",
               .text = "The certificate chain of the key exchange server, in PEM; each needs one "
                       "ntsserverkey. With several, clients get the one for the name that they ask for. "
                       "Files that change are read again.",
               .at_run_time = true},
              [](ParseState& s, Arguments& a) { s.certificates.push_back({std::string{a.text()}, s.place}); },
              nullptr,
              true},
    Directive{{.name = "ntsserverkey",
               .arguments = "FILE",
               .text = "The private key of the key exchange server, in PEM.",
               .at_run_time = true},
              [](ParseState& s, Arguments& a) { s.keys.push_back({std::string{a.text()}, s.place}); },
              nullptr,
              true},
    Directive{{.name = "ntsprocesses",
               .arguments = "N",
               .default_value = "1",
               .text = "The number of processes for key exchanges with clients, at most 255; 0 means 1, "
                       "because the main process never makes key exchanges.",
               .range = {0, 1000}},
              [](ParseState& s, Arguments& a) { s.config.nts.processes = a.integer<int>(); }},
    Directive{{.name = "maxntsconnections",
               .arguments = "N",
               .default_value = "100",
               .text = "The number of clients that one of these processes serves at a time. When all slots "
                       "are in use, the next client displaces the oldest session of the network (IPv4 /24, "
                       "IPv6 /56) that has the most sessions.",
               .range = {1, whole_max},
               .at_run_time = true},
              [](ParseState& s, Arguments& a) { s.config.nts.max_connections = a.integer<int>(); }},
    Directive{{.name = "ntsntpserver",
               .arguments = "NAME",
               .text = "The NTP server that clients are sent to after the key exchange.",
               .at_run_time = true},
              [](ParseState& s, Arguments& a) { s.config.nts.ntp_server = a.text(); }},
    Directive{
        {.name = "ntsrotate",
         .arguments = "SECONDS",
         .default_value = "604800",
         .text = "Makes a new cookie key after this time; the two before it still open cookies. With 0 the "
                 "keys are managed externally: the file ntskeys in ntsdumpdir is read and never written.",
         .range = count_range},
        [](ParseState& s, Arguments& a) { s.config.nts.rotate = a.whole_seconds(); }},
    Directive{{.name = "ntskeysecret",
               .arguments = "FILE",
               .text = "Derives the cookie keys from the secret in this file, a new one for every ntsrotate "
                       "seconds of UTC, so that servers with the same secret and the same ntsrotate can open "
                       "each other's cookies. Each line has one secret of at least 64 hexadecimal digits; "
                       "the first seals cookies, all open them. $CREDENTIALS_DIRECTORY/NAME is a credential "
                       "of the systemd unit. The file may be owned by root, must not be accessible to "
                       "others, and is read again when it changes. Only in gnomon.",
               .at_run_time = true},
              [](ParseState& s, Arguments& a) {
                s.config.nts.key_secret_file = a.text();
                s.key_secret = s.place;
              }},
    Directive{{.name = "ntsratelimit",
               .arguments = "[OPTION]...",
               .default_value = "off",
               .text = "Limits the rate of key exchanges for each client; the interval is 64 seconds (6) by "
                       "default. Addresses "
                       "of one IPv6 network (/64) share sixteen limits.",
               .at_run_time = true},
              [](ParseState& s, Arguments& a) {
                read_rate_limit(s.config.nts.rate_limit, RateLimit{.interval = {6}}, false, a);
              },
              rate_limit_rows_without_kod},
};

}  // namespace

std::span<const Directive> nts_directives() {
  return nts_table;
}

}  // namespace gnomon::config

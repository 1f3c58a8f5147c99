// SPDX-License-Identifier: GPL-2.0-or-later
// The directives that are not sources, access rules or files: what each puts where.
#include "tests/unit/catch.hpp"
#include "tests/unit/config/files.hpp"

using namespace gnomon;
using namespace gnomon::config;
using Strings = std::vector<std::string>;

TEST_CASE("an empty configuration is chrony's defaults") {
  CHECK(config_of("") == Config{});
  const Config config;
  CHECK(config.server.port == 123);
  CHECK(config.nts.aeads == std::vector<std::uint16_t>{30, 15});
  CHECK(config.clock.max_slew_rate.value == Approx(83333.333));
  CHECK_FALSE(config.clock.make_step);
}

TEST_CASE("of two lines the last one wins") {
  CHECK(config_of("port 1\nPort 2").server.port == 2);
  CHECK(config_of("driftfile /a\ndriftfile /b").clock.drift_file == "/b");
}

TEST_CASE("maxchange ends the daemon unless it is to stay") {
  CHECK(config_of("maxchange 10 2 3").clock.max_change->exit);
  CHECK(config_of("maxchange 10 2 3 exit").clock.max_change->exit);
  CHECK_FALSE(config_of("maxchange 10 2 3 stay").clock.max_change->exit);
}

TEST_CASE("the clock is set up") {
  const auto clock =
      config_of(
          "makestep 0.5 -1\nmaxchange 10 2 3\nmaxslewrate 500\nmaxdrift 100\nmaxupdateskew 5\nmaxclockerror "
          "2\n"
          "corrtimeratio 4\nclockprecision 1e-7\ndriftfile /d interval 60\nfallbackdrift 16 19\nrtcsync\n"
          "leapsecmode SLEW\nleapsectz right/UTC\nleapseclist /l\ninitstepslew 30 a b\n")
          .clock;
  CHECK(clock.make_step == MakeStep{base::Seconds{0.5}, -1});
  CHECK(clock.max_change == MaxChange{base::Seconds{10}, 2, 3, true});
  CHECK(clock.max_slew_rate.value == Approx(500));
  CHECK(clock.max_drift.value == Approx(100));
  CHECK(clock.max_update_skew.value == Approx(5));
  CHECK(clock.max_clock_error.value == Approx(2));
  CHECK(clock.corr_time_ratio == Approx(4));
  CHECK(clock.clock_precision == base::Seconds{1e-7});
  CHECK(clock.drift_file == "/d");
  CHECK(clock.drift_file_interval.count() == Approx(60));
  CHECK(clock.fallback_drift == FallbackSpans{{16}, {19}});
  CHECK(clock.rtc_sync);
  CHECK(clock.leap_second_mode == LeapSecondMode::slew);
  CHECK(clock.leap_timezone == "right/UTC");
  CHECK(clock.leap_list == "/l");
  CHECK(clock.init_step_slew == InitStepSlew{base::Seconds{30}, {"a", "b"}});
}

TEST_CASE("the selection is set up") {
  const auto selection =
      config_of(
          "authselectmode Prefer\ncombinelimit 0\nmaxdistance 2\nmaxjitter 0.5\nmaxstratum 5\nminstratum 1\n"
          "minsources 3\nreselectdist 1e-3\nstratumweight 0.01\nmaxsamples 10\nminsamples 2\nrefresh 0\n")
          .selection;
  CHECK(selection == SelectionSettings{.auth_select_mode = AuthSelectMode::prefer,
                                       .combine_limit = 0,
                                       .max_distance = base::Seconds{2},
                                       .max_jitter = base::Seconds{0.5},
                                       .max_stratum = {5},
                                       .min_stratum = {1},
                                       .min_sources = 3,
                                       .reselect_distance = base::Seconds{1e-3},
                                       .stratum_weight = base::Seconds{0.01},
                                       .max_samples = 10,
                                       .min_samples = 2,
                                       .refresh = base::Seconds{}});
}

TEST_CASE("the server is set up") {
  const auto server =
      config_of(
          "port 0\nbinddevice eth0\nlocal stratum 5 distance 0.5 activate 1 orphan waitsynced 2\nratelimit\n"
          "clientloglimit 18000000\nnoclientlog\ndscp 46\nntpworkers 64\nsmoothtime 400 0.01 leaponly\n"
          "broadcast 60 192.0.2.255\nbroadcast 30 ff02::1 1123\nntpsigndsocket /s\nptpport 319\nptpdomain "
          "1\n")
          .server;
  CHECK(server.port == 0);
  CHECK(server.bind_device == "eth0");
  CHECK(server.local ==
        Local{{5}, base::Seconds{0.5}, base::Seconds{1}, true, base::Seconds{2}, base::Seconds{300}});
  CHECK(server.rate_limit == RateLimit{{3}, 8, 2, 0});
  CHECK(server.client_log_limit == 18000000);
  CHECK(server.no_client_log);
  CHECK(server.dscp == 46);
  CHECK(server.workers == 64);
  CHECK(server.smooth_time == SmoothTime{{400}, {0.01}, true});
  REQUIRE(server.broadcasts.size() == 2);
  CHECK(base::to_string(server.broadcasts[0].destination) == "192.0.2.255:123");
  CHECK(server.broadcasts[1] == Broadcast{base::Seconds{30}, {*base::parse_address("ff02::1"), 1123}});
  CHECK(server.signd_socket == "/s");
  CHECK(server.ptp_port == 319);
  CHECK(server.ptp_domain == 1);
}

TEST_CASE("of several addresses the last one of each family counts") {
  const auto config = config_of("bindaddress 10.0.0.1\nbindaddress ::1\nbindaddress 10.0.0.2\n");
  REQUIRE(config.server.bind_addresses.size() == 2);
  CHECK(base::to_string(config.server.bind_addresses[0]) == "::1");
  CHECK(base::to_string(config.server.bind_addresses[1]) == "10.0.0.2");
}

TEST_CASE("rate limits have their own defaults, and their values are brought into bounds") {
  const auto config = config_of("ntsratelimit\ncmdratelimit burst 255\n");
  CHECK(complaints("cmdratelimit burst 256").size() == 1);
  CHECK(config.nts.rate_limit == RateLimit{{6}, 8, 2, 0});
  CHECK(config.control.command_rate_limit == RateLimit{{-4}, 255, 2, 0});
}

TEST_CASE("a second rate limit changes only what it names") {
  CHECK(config_of("ratelimit interval 1\nratelimit burst 20 kod 9").server.rate_limit ==
        RateLimit{{1}, 20, 2, 4});
}

TEST_CASE("NTS is set up") {
  const auto nts =
      config_of(
          "ntscachedir /n\nntsaeads 15 99 30 15\nntsrefresh 100\nntstrustedcerts 4294967295 "
          "/c\nntstrustedcerts /d\n"
          "nosystemcert\nnocerttimecheck 2\nntsport 1460\nntsservercert a\nntsservercert b\nntsserverkey c\n"
          "ntsserverkey d\nntsprocesses 0\nmaxntsconnections 5\nntsntpserver n.example\nntsrotate 0\n")
          .nts;
  CHECK(nts.dump_dir == "/n");
  CHECK(nts.aeads == std::vector<std::uint16_t>{15, 30});
  CHECK(nts.refresh.count() == Approx(100));
  CHECK(nts.trusted_certificates == std::vector<TrustedCertificates>{{4294967295U, "/c"}, {0, "/d"}});
  CHECK(nts.no_system_certificates);
  CHECK(nts.no_certificate_time_check == 2);
  CHECK(nts.port == 1460);
  CHECK(nts.certificates == std::vector<CertificatePair>{{"a", "c"}, {"b", "d"}});
  CHECK(nts.processes == 0);
  CHECK(nts.max_connections == 5);
  CHECK(nts.ntp_server == "n.example");
  CHECK(nts.rotate == base::Seconds{});
  CHECK(config_of("ntsaeads").nts.aeads.empty());
}

TEST_CASE("control is set up") {
  const auto control = config_of(
                           "controlsocket /s\nbindcmdaddress /c\nbindcmdaddress 127.0.0.2\nbindcmddevice "
                           "lo\ncmdport 0\nmanual\n"
                           "opencommands Tracking serverstats tracking\n")
                           .control;
  CHECK(control.socket == "/s");
  CHECK(control.command_socket == "/c");
  REQUIRE(control.command_addresses.size() == 1);
  CHECK(control.command_device == "lo");
  CHECK(control.command_port == 0);
  CHECK(control.manual);
  CHECK(control.open_commands == Strings{"tracking", "serverstats"});
  CHECK(config_of("opencommands").control.open_commands.empty());
  CHECK(config_of("").control.open_commands.size() == 8);
}

TEST_CASE("metrics are asked for at several addresses, each once") {
  const auto addresses =
      config_of(
          "metricsaddress 127.0.0.1\nmetricsaddress ::1 9999\nmetricsaddress 192.0.2.1 10123\n"
          "metricsaddress /run/gnomon/metrics.sock\nmetricsaddress 127.0.0.1 10123\n")
          .control.metrics_addresses;
  REQUIRE(addresses.size() == 4);
  CHECK(base::to_string(addresses[0].endpoint) == "127.0.0.1:10123");
  CHECK(base::to_string(addresses[1].endpoint) == "[::1]:9999");
  CHECK(addresses[3].path == "/run/gnomon/metrics.sock");
  CHECK(config_of("").control.metrics_addresses.empty());
}

TEST_CASE("the process is set up") {
  const auto process =
      config_of(
          "user u\npidfile /\ndumpdir /dd\nlogdir /ld\nlog tracking rtc\nlog tracking tempcomp\nlogbanner 0\n"
          "logchange 0.1\nkeyfile /k\nlock_all\nsched_priority 1\nmailonchange a@b 0.5\n")
          .process;
  CHECK(process.user == "u");
  CHECK(process.pid_file == "/");
  CHECK(process.dump_dir == "/dd");
  CHECK(process.log_dir == "/ld");
  CHECK(process.logs == Strings{"tracking", "rtc", "tempcomp"});
  CHECK(process.log_banner == 0);
  CHECK(process.log_change.count() == Approx(0.1));
  CHECK(process.key_file == "/k");
  CHECK(process.lock_all);
  CHECK(process.sched_priority == 1);
  CHECK(process.mail_on_change == MailOnChange{"a@b", base::Seconds{0.5}});
}

TEST_CASE("devices are set up") {
  const auto hardware = config_of(
                            "refclock PPS /dev/pps0:clear lock GPS rate 5 poll 2 dpoll -1 filter 16 prefer "
                            "width 0.1 tai pps local\n"
                            "refclock SHM 0 refid GPS offset 0.2 delay 1e-3 precision 1e-6 maxdispersion 0.1 "
                            "maxlockage 4 minsamples 3 "
                            "maxsamples 9 maxunreach 8 stratum 15 noselect trust require\n"
                            "hwtimestamp * minpoll -2 maxpoll 3 minsamples 4 maxsamples 5 precision 1e-8 "
                            "txcomp 1 rxcomp -1 nocrossts "
                            "rxfilter none\nhwtstimeout 0.01\nmaxtxbuffers 4\nhwclockfile /h\nrtcdevice "
                            "/r\nrtcfile /f\nrtconutc\n"
                            "rtcautotrim 30\ntempcomp /t 10 /p\n")
                            .hardware;
  REQUIRE(hardware.reference_clocks.size() == 2);
  const auto& pps = hardware.reference_clocks[0];
  CHECK((pps.driver == "PPS" && pps.parameter == "/dev/pps0:clear" && pps.lock_reference_id == "GPS"));
  CHECK((pps.pps_rate == 5 && pps.poll == 2 && pps.driver_poll == -1 && pps.filter == 16));
  CHECK((pps.prefer && pps.tai && pps.pps && pps.local));
  const auto& shm = hardware.reference_clocks[1];
  CHECK((shm.reference_id == "GPS" && shm.stratum.value == 15 && shm.max_lock_age == 4 &&
         shm.max_unreach == 8));
  CHECK((shm.no_select && shm.trust && shm.require && shm.min_samples == 3 && shm.max_samples == 9));
  REQUIRE(hardware.timestamping.size() == 1);
  CHECK(hardware.timestamping[0] == HardwareTimestamp{"*", -2, 3, 4, 5, base::Seconds{1e-8}, base::Seconds{1},
                                                      base::Seconds{-1}, true, ReceiveFilter::none});
  CHECK(config_of("maxtxbuffers 4\n").server.max_tx_buffers == 4);
  CHECK(hardware.rtc_on_utc);
  REQUIRE(hardware.temperature);
  CHECK(hardware.temperature->point_file == "/p");
}

TEST_CASE("a device is not polled less often than its samples are wanted") {
  const auto clocks = config_of("refclock PHC /dev/ptp0 poll -2\nrefclock SHM 0 poll -2 dpoll 3\n").hardware;
  CHECK(clocks.reference_clocks[0].driver_poll == -2);
  CHECK(clocks.reference_clocks[1].driver_poll == -2);
}

TEST_CASE("logs of what is not measured yet are named") {
  CHECK(config_of("log rtc tracking\nlog refclocks\n").without_effect.empty());
}

TEST_CASE("directives that chrony has given up are accepted whatever they say") {
  const auto config =
      config_of("commandkey 1\ngeneratecommandkey\nlinux_hz 100\nlinux_freq_scale 0.9\ndumponexit\n");
  CHECK(config.without_effect.size() == 5);
  Config expected;
  expected.without_effect = config.without_effect;
  CHECK(config == expected);
}

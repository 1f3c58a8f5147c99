// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/dump_file.hpp"

#include <chrono>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

namespace {

// As chronyd 4.3 wrote it.
const std::string recorded =
    "SRC0\n"
    "127.0.0.1\n"
    "0 377 8 3 0\n"
    "3 8\n"
    "1795422142.445051851 -9.999797e-02 3.170000e-07 1.227500e-05 3.491658e-08 7.725000e-06 3.491658e-08\n"
    "1795422143.462424765 -9.999871e-02 -7.070000e-07 1.396300e-05 3.491497e-08 6.037000e-06 3.491497e-08\n"
    "1795422144.474450884 -9.999852e-02 -3.970000e-07 1.395900e-05 3.491548e-08 6.041000e-06 3.491548e-08\n";

std::string with(std::string_view old_part, std::string_view new_part) {
  auto text = recorded;
  text.replace(text.find(old_part), old_part.size(), new_part);
  return text;
}

DumpFault fault_of(const std::string& text) {
  const auto dump = parse_dump(text);
  REQUIRE_FALSE(dump);
  return dump.error();
}

}  // namespace

TEST_CASE("chronyd's dump file is read") {
  const auto dump = parse_dump(recorded);
  REQUIRE(dump);
  CHECK(dump->name == "127.0.0.1");
  CHECK_FALSE(dump->authenticated);
  CHECK(dump->reach == 0377);
  CHECK(dump->stratum == 3);
  REQUIRE(dump->samples.size() == 3);
  CHECK(dump->samples[2].time.time_since_epoch() == 1795422144'474450884ns);
  CHECK(dump->samples[2].offset.count() == -9.999852e-02);
  CHECK(dump->samples[2].measured.count() == -3.97e-07);
  CHECK(dump->samples[2].delay.count() == 1.3959e-05);
  CHECK(dump->samples[2].root_dispersion.count() == 3.491548e-08);
}

TEST_CASE("what is written reads back the same, and as chronyd writes it") {
  const auto dump = parse_dump(recorded).value();
  CHECK(to_text(dump) == with("3 8\n", "3 0\n"));
  CHECK(parse_dump(to_text(dump)) == dump);
}

TEST_CASE("garbage and impossible values are refused") {
  CHECK(fault_of("") == DumpFault::not_a_dump);
  CHECK(fault_of("NNC0\n") == DumpFault::not_a_dump);
  CHECK(fault_of("SRC0\n") == DumpFault::bad_value);
  CHECK(fault_of(recorded.substr(0, 60)) == DumpFault::bad_value);
  CHECK(fault_of(with("0 377", "0 400")) == DumpFault::bad_value);
  CHECK(fault_of(with("8 3 0", "8 17 0")) == DumpFault::bad_value);
  CHECK(fault_of(with("8 3 0", "8 3 4")) == DumpFault::bad_value);
  CHECK(fault_of(with("3 8\n", "65 8\n")) == DumpFault::bad_value);
  CHECK(fault_of(with("3 8\n", "0 8\n")) == DumpFault::bad_value);
  CHECK(fault_of(with("3 8\n", "4 8\n")) == DumpFault::bad_value);
  CHECK(fault_of(with("1.227500e-05", "nan")) == DumpFault::bad_value);
  CHECK(fault_of(with("1.227500e-05", "inf")) == DumpFault::bad_value);
  CHECK(fault_of(with("1.227500e-05", "-1.2e-05")) == DumpFault::bad_value);
  CHECK(fault_of(with("-9.999797e-02", "2e6")) == DumpFault::bad_value);
  CHECK(fault_of(with("1795422142.445051851", "99999999999.445051851")) == DumpFault::bad_value);
  CHECK(fault_of(with("1795422142.445051851", "1795422142.4")) == DumpFault::bad_value);
  CHECK(fault_of(with("1795422142", "1795422144")) == DumpFault::out_of_order);
}

TEST_CASE("a dump is for the source it was written for, in the time since the machine was started") {
  const auto dump = parse_dump(recorded).value();
  const base::RealTime newest{1795422144'474450884ns};
  const base::Now soon{newest + 10s, base::MonoTime{5000s}};
  CHECK(fits(dump, "127.0.0.1", false, soon));
  CHECK(fits(dump, "ntp.example", false, soon).error() == DumpFault::other_source);
  CHECK(fits(dump, "127.0.0.1", true, soon).error() == DumpFault::other_trust);
  CHECK(fits(dump, "127.0.0.1", false, {newest - 1s, base::MonoTime{5000s}}).error() ==
        DumpFault::in_the_future);
  CHECK(fits(dump, "127.0.0.1", false, {newest + 100s, base::MonoTime{99s}}).error() == DumpFault::too_old);
}

}  // namespace gnomon::testing

// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-ntske: argv[1] says server or client, the other words are that role's setup; descriptor 3 is the
// core. `check` reports on a certificate for gnomonctl instead, and as `probe` gnomonctl is at descriptor 3.
#include <sys/prctl.h>

#include <exception>

#include "helpers/ntske/program.hpp"

namespace {

#ifdef GNOMON_PRIMITIVES
constexpr bool has_primitives = true;
#else
constexpr bool has_primitives = false;
#endif

}  // namespace

int main(int argc, char** argv) {
  prctl(PR_SET_NAME, "gnomon-ntske");  // executed by descriptor it has a number for a name
  gnomon::base::ProcessLog log{"ntske"};
  log.move_journal();
  try {
    return gnomon::ntske::run({argv, static_cast<std::size_t>(argc)}, has_primitives, log);
  } catch (const std::exception& problem) {
    log.write(gnomon::base::LogEvent::role_failed, problem.what());
    return 1;
  }
}

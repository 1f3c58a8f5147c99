// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-core: started by gnomond with its part on the command line.
#include "daemon/core/program.hpp"

using namespace gnomon;

int main(int count, char** arguments) {
  return base::role_main("gnomon-core", {arguments, static_cast<std::size_t>(count)}, core::work);
}

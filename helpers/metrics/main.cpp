// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-metrics: answers HTTP where `metricsaddress` is set, with a text from the core.
#include "helpers/metrics/program.hpp"

using namespace gnomon;

int main(int count, char** arguments) {
  return base::role_main("gnomon-metrics", {arguments, static_cast<std::size_t>(count)}, metrics::work);
}

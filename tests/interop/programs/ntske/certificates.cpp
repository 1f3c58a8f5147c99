// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/interop/programs/ntske/certificates.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace gnomon::testing {
namespace {

void run(const std::string& command) {
  if (std::system((command + " >/dev/null 2>&1").c_str()) != 0)  // NOLINT: our own words only
    throw std::runtime_error("failed: " + command);
}

}  // namespace

Authority::Authority(const TemporaryFolder& folder, const std::string& name, int days)
    : folder_(folder), name_(name) {
  run(fmt::format(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days {} -subj /CN={} "
      "-keyout {} -out {}",
      days, name_, folder_ / (name_ + ".key"), certificate_file()));
}

ipc::CertificatePair Authority::issue(const std::string& file, const std::string& names,
                                      const std::string& key, int days) const {
  const ipc::CertificatePair pair{folder_ / (file + ".crt"), folder_ / (file + ".key")};
  const auto request = folder_ / (file + ".csr");
  const auto extensions = folder_ / (file + ".ext");
  std::ofstream{extensions} << (names.empty() ? "" : "subjectAltName=") << names
                            << "\nbasicConstraints=CA:FALSE\n";
  run(fmt::format("openssl genpkey -algorithm {} -out {}", key, pair.key_file));
  run(fmt::format("openssl req -new -key {} -subj /CN={} -out {}", pair.key_file, file, request));
  run(fmt::format("openssl x509 -req -in {} -CA {} -CAkey {} -CAcreateserial -days {} -extfile {} -out {}",
                  request, certificate_file(), folder_ / (name_ + ".key"), days, extensions,
                  pair.certificate_file));
  return pair;
}

ipc::CertificatePair self_signed(const TemporaryFolder& folder, const std::string& file,
                                 const std::string& names, const std::string& key) {
  ipc::CertificatePair pair{folder / (file + ".crt"), folder / (file + ".key")};
  run(fmt::format("openssl genpkey -algorithm {} -out {}", key, pair.key_file));
  run(fmt::format(
      "openssl req -x509 -new -key {} -days 90 -subj /CN={} -addext basicConstraints=critical,CA:FALSE "
      "-addext subjectAltName={} -out {}",
      pair.key_file, file, names, pair.certificate_file));
  return pair;
}

base::RealTime system_time() {
  return base::RealTime{std::chrono::system_clock::now().time_since_epoch()};
}

}  // namespace gnomon::testing

// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/primitives/load.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "helpers/ntske/primitives/self_test.hpp"

namespace gnomon::ntske {

std::expected<const Primitives*, std::string> load_primitives() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return std::unexpected(fmt::format("/proc/self/exe cannot be read: {}", error.message()));
  return load_primitives(program.parent_path() / "gnomon-primitives.so");
}

std::expected<const Primitives*, std::string> load_primitives(const std::string& path) {
  void* const module = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) return std::unexpected(std::string{::dlerror()});
  const auto entry = reinterpret_cast<PrimitivesEntry>(::dlsym(module, primitives_entry));  // NOLINT: POSIX
  if (entry == nullptr) return std::unexpected(fmt::format("{} is of another version", path));
  const auto* const primitives = entry();
  if (primitives == nullptr) return std::unexpected(fmt::format("{}: libcrypto does not start", path));
  if (const char* failing = failing_primitive(*primitives))
    return std::unexpected(fmt::format("{} computes {} wrongly", path, failing));
  return primitives;
}

}  // namespace gnomon::ntske

// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/protocol/vectors.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <numeric>
#include <stdexcept>

namespace gnomon::testing {

const boost::json::object& load_vectors(std::string_view name) {
  // Kept, so that a loop over a part of them needs no name for the whole.
  static std::map<std::string, boost::json::object, std::less<>> loaded;
  if (const auto found = loaded.find(name); found != loaded.end()) return found->second;
  std::ifstream file{std::string{GNOMON_VECTORS "/"}.append(name)};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (text.empty()) throw std::runtime_error("no vectors in " + std::string{name});
  return loaded.emplace(name, boost::json::parse(text).as_object()).first->second;
}

base::Buffer octets(std::string_view hex) {
  auto bytes = base::from_hex(hex);
  if (!bytes) throw std::runtime_error("not hexadecimal: " + std::string{hex});
  return *bytes;
}

base::Buffer message(std::initializer_list<std::string_view> records) {
  std::string text;
  for (const auto record : records) text += record;
  std::erase(text, ' ');
  return octets(text);
}

base::Buffer octets(const boost::json::value& object, std::string_view member) {
  return octets(std::string_view{object.as_object().at(member).as_string()});
}

std::size_t size(const boost::json::value& object, std::string_view member) {
  return object.as_object().at(member).to_number<std::size_t>();
}

base::Buffer sample_key(protocol::AeadId id, std::uint8_t first) {
  base::Buffer key(protocol::traits(id).key_size);
  std::iota(key.begin(), key.end(), first);
  return key;
}

protocol::Aead sample_aead(protocol::AeadId id, std::uint8_t first) {
  auto aead = protocol::Aead::make(id, sample_key(id, first));
  if (!aead) throw std::logic_error("the sample key does not fit");
  return std::move(*aead);
}

protocol::UniqueIdentifier sample_identifier() {
  protocol::UniqueIdentifier id;
  std::iota(id.begin(), id.end(), std::uint8_t{0x40});
  return id;
}

protocol::NonceEntropy nonce_of(base::Bytes octets) {
  protocol::NonceEntropy nonce{};
  std::copy_n(octets.begin(), std::min(octets.size(), nonce.size()), nonce.begin());
  return nonce;
}

}  // namespace gnomon::testing

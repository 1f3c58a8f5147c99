// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/control/source_methods.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <boost/json/array.hpp>

namespace gnomon::core::control {

namespace json = boost::json;

namespace {

constexpr int most_exchanges = 10000;

std::optional<base::Subnet> parse_subnet(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = base::parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  const unsigned most = address->family == base::AddressFamily::ipv4 ? 32 : 128;
  unsigned bits = most;
  if (slash != std::string_view::npos) {
    const auto digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc{} || end != digits.data() + digits.size() || bits > most) return std::nullopt;
  }
  return base::Subnet{*address, static_cast<std::uint8_t>(bits)};
}

// The parameters of one call; remembers which were asked for and the first that was wrong.
class Fields {
 public:
  explicit Fields(const json::object& object) : object_(object) {}

  std::string text(std::string_view name) {
    const auto* value = need(name);
    if (value == nullptr) return {};
    if (value->is_string() && !value->get_string().empty()) return std::string{value->get_string()};
    wrong(name);
    return {};
  }
  double number(std::string_view name) {
    const auto* value = need(name);
    if (value == nullptr) return 0;
    json::error_code error;
    const double result = value->to_number<double>(error);
    if (error) wrong(name);
    return result;
  }
  int whole(std::string_view name, int least, int most) {
    const auto* value = need(name);
    if (value == nullptr) return least;
    json::error_code error;
    const int result = value->to_number<int>(error);
    if (error || result < least || result > most) wrong(name);
    return result;
  }
  std::vector<std::string> words(std::string_view name) {
    std::vector<std::string> result;
    const auto* value = need(name);
    if (value == nullptr) return result;
    if (!value->is_array()) return wrong(name), result;
    for (const auto& word : value->get_array()) {
      if (!word.is_string()) return wrong(name), result;
      result.emplace_back(word.get_string());
    }
    return result;
  }
  std::optional<base::Subnet> subnet(std::string_view name) {
    known_.push_back(name);
    const auto* value = object_.if_contains(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    const auto result = value->is_string() ? parse_subnet(value->get_string()) : std::nullopt;
    if (!result) wrong(name);
    return result;
  }
  // Empty: all is well.
  [[nodiscard]] std::string fault() const {
    if (!wrong_.empty()) return wrong_;
    for (const auto& member : object_)
      if (std::ranges::find(known_, std::string_view{member.key()}) == known_.end())
        return std::string{member.key()};
    return {};
  }

 private:
  const json::value* need(std::string_view name) {
    known_.push_back(name);
    const auto* value = object_.if_contains(name);
    if (value == nullptr) wrong(name);
    return value;
  }
  void wrong(std::string_view name) {
    if (wrong_.empty()) wrong_ = name;
  }

  const json::object& object_;
  std::vector<std::string_view> known_;
  std::string wrong_;
};

SourceOrder burst(Fields& f) {
  const int total = f.whole("total", 1, most_exchanges);
  return Burst{f.whole("good", 1, std::max(total, 1)), total, f.subnet("within")};
}

struct Method {
  std::string_view name;
  SourceOrder (*read)(Fields&);
};

constexpr std::array methods{
    Method{"Online", [](Fields& f) -> SourceOrder { return SetOnline{true, f.subnet("within")}; }},
    Method{"Offline", [](Fields& f) -> SourceOrder { return SetOnline{false, f.subnet("within")}; }},
    Method{"OnOffline", [](Fields&) -> SourceOrder { return FollowNetwork{}; }},
    Method{"Burst", burst},
    Method{"ModifySource",
           [](Fields& f) -> SourceOrder {
             return ModifySource{f.text("source"), f.text("option"), f.number("value")};
           }},
    Method{"AddSource", [](Fields& f) -> SourceOrder { return AddSource{f.text("line")}; }},
    Method{"DeleteSource", [](Fields& f) -> SourceOrder { return DeleteSource{f.text("source")}; }},
    Method{"Refresh", [](Fields&) -> SourceOrder { return RefreshNames{}; }},
    Method{"ReloadSources", [](Fields&) -> SourceOrder { return ReloadSources{}; }},
    Method{"ResetSources", [](Fields&) -> SourceOrder { return ResetSources{}; }},
    Method{"SelectOptions",
           [](Fields& f) -> SourceOrder { return SetSelectOptions{f.text("source"), f.words("options")}; }},
    Method{"Dump", [](Fields&) -> SourceOrder { return DumpState{}; }},
};

}  // namespace

std::optional<std::expected<SourceOrder, std::string>> source_order(std::string_view method,
                                                                    const json::object& parameters) {
  constexpr std::string_view interface = "io.gnomon.Control.";
  if (!method.starts_with(interface)) return std::nullopt;
  const auto* found = std::ranges::find(methods, method.substr(interface.size()), &Method::name);
  if (found == methods.end()) return std::nullopt;
  Fields fields{parameters};
  auto order = found->read(fields);
  if (auto fault = fields.fault(); !fault.empty()) return std::unexpected(std::move(fault));
  return order;
}

}  // namespace gnomon::core::control

// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/render/record.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <limits>

#include "ctl/render/prose.hpp"

namespace gnomon::ctl {

namespace json = boost::json;

namespace {

// Boost 1.81 knows its own string_view and std's, but tells them apart in overloads.
json::string_view key(std::string_view field) {
  return {field.data(), field.size()};
}

[[noreturn]] void fail(std::string_view field, std::string_view expected) {
  throw ReplyFault(fmt::format("field '{}' is no {}", field, expected));
}

// Names may come from a configuration or from DNS, and the daemon may not be itself any more: nothing in them
// may steer a terminal.
std::string printable(const json::string& value) {
  return harmless_text({value.data(), value.size()});
}

double to_double(const json::value& value, std::string_view field) {
  if (value.is_double()) return value.get_double();
  if (value.is_int64()) return static_cast<double>(value.get_int64());
  if (value.is_uint64()) return static_cast<double>(value.get_uint64());
  fail(field, "number");
}

}  // namespace

const json::value* Record::find(std::string_view field) const {
  const json::value* const value = object_->if_contains(key(field));
  return value == nullptr || value->is_null() ? nullptr : value;
}

const json::value& Record::need(std::string_view field) const {
  const json::value* const value = find(field);
  if (value == nullptr) throw ReplyFault(fmt::format("field '{}' is missing", field));
  return *value;
}

std::string Record::text(std::string_view field) const {
  const json::value& value = need(field);
  if (!value.is_string()) fail(field, "text");
  return printable(value.get_string());
}

std::int64_t Record::integer(std::string_view field) const {
  const json::value& value = need(field);
  if (value.is_int64()) return value.get_int64();
  if (value.is_uint64() && value.get_uint64() <= std::numeric_limits<std::int64_t>::max())
    return static_cast<std::int64_t>(value.get_uint64());
  fail(field, "integer");
}

// Adding zero makes -0.0 plain zero: nobody wants to read "-0.000000000 seconds" of a clock nobody measured.
double Record::number(std::string_view field) const {
  return to_double(need(field), field) + 0.0;
}

bool Record::flag(std::string_view field) const {
  const auto* const value = find(field);
  if (value == nullptr || value->is_null()) return false;
  if (!value->is_bool()) fail(field, "boolean");
  return value->get_bool();
}

bool Record::truth(std::string_view field) const {
  const json::value& value = need(field);
  if (!value.is_bool()) fail(field, "boolean");
  return value.get_bool();
}

std::optional<std::string> Record::optional_text(std::string_view field) const {
  if (find(field) == nullptr) return std::nullopt;
  return text(field);
}

std::optional<double> Record::optional_number(std::string_view field) const {
  const json::value* const value = find(field);
  if (value == nullptr) return std::nullopt;
  return to_double(*value, field);
}

std::vector<std::string> Record::texts(std::string_view field) const {
  const json::value& value = need(field);
  if (!value.is_array()) fail(field, "array");
  std::vector<std::string> all;
  for (const json::value& element : value.get_array()) {
    if (!element.is_string()) fail(field, "array of strings");
    all.push_back(printable(element.get_string()));
  }
  return all;
}

Record Record::record(std::string_view field) const {
  const json::value& value = need(field);
  if (!value.is_object()) fail(field, "object");
  return Record(value.get_object());
}

std::vector<std::pair<std::string, std::string>> Record::members() const {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& member : *object_)
    if (member.value().is_string()) all.emplace_back(member.key(), member.value().get_string());
  return all;
}

std::vector<Record> Record::optional_records(std::string_view field) const {
  return find(field) == nullptr ? std::vector<Record>{} : records(field);
}

std::vector<Record> Record::records(std::string_view field) const {
  const json::value& value = need(field);
  if (!value.is_array()) fail(field, "array");
  std::vector<Record> all;
  all.reserve(value.get_array().size());
  for (const json::value& element : value.get_array()) {
    if (!element.is_object()) fail(field, "array of objects");
    all.emplace_back(element.get_object());
  }
  return all;
}

}  // namespace gnomon::ctl

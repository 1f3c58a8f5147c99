// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "ctl/render/prose.hpp"
#include "ctl/render/render.hpp"

namespace gnomon::ctl {

namespace json = boost::json;

namespace {

// Boost.JSON limits the depth of what it parses, so the recursion ends.
void write(std::string& out, const json::value& value, std::size_t indent);

void new_line(std::string& out, std::size_t indent) {
  out.append("\n").append(indent, ' ');
}

// The shortest that reads back as the same number, and as no integer.
void write_double(std::string& out, double number) {
  const std::string text = fmt::format("{}", number);
  out += text;
  if (text.find_first_not_of("-0123456789") == std::string::npos) out += ".0";
}

void write_object(std::string& out, const json::object& object, std::size_t indent) {
  if (object.empty()) {
    out += "{}";
    return;
  }
  out += '{';
  for (bool first = true; const auto& member : object) {
    if (!first) out += ',';
    first = false;
    new_line(out, indent + 2);
    out += harmless_json(json::serialize(json::string(member.key())));
    out += ": ";
    write(out, member.value(), indent + 2);
  }
  new_line(out, indent);
  out += '}';
}

void write_array(std::string& out, const json::array& array, std::size_t indent) {
  if (array.empty()) {
    out += "[]";
    return;
  }
  out += '[';
  for (bool first = true; const json::value& element : array) {
    if (!first) out += ',';
    first = false;
    new_line(out, indent + 2);
    write(out, element, indent + 2);
  }
  new_line(out, indent);
  out += ']';
}

void write(std::string& out, const json::value& value, std::size_t indent) {
  if (value.is_object())
    write_object(out, value.get_object(), indent);
  else if (value.is_array())
    write_array(out, value.get_array(), indent);
  else if (value.is_double())
    write_double(out, value.get_double());
  else
    out += harmless_json(json::serialize(value));
}

}  // namespace

std::string render_json(const json::value& value) {
  std::string out;
  write(out, value, 0);
  return out + '\n';
}

}  // namespace gnomon::ctl

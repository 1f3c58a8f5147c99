// SPDX-License-Identifier: GPL-2.0-or-later
// A JSON object of the daemon read field by field by its type in io.gnomon.Control; owned by whoever holds
// the reply.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gnomon::ctl {

// A field is missing or of another type: the daemon speaks another version of the interface.
struct ReplyFault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Record {
 public:
  explicit Record(const boost::json::object& object) : object_(&object) {}

  [[nodiscard]] std::string text(std::string_view field) const;
  [[nodiscard]] std::int64_t integer(std::string_view field) const;
  [[nodiscard]] double number(std::string_view field) const;
  [[nodiscard]] bool truth(std::string_view field) const;
  // Missing and null mean the same; of a flag false as well.
  [[nodiscard]] bool flag(std::string_view field) const;
  [[nodiscard]] std::optional<std::string> optional_text(std::string_view field) const;
  [[nodiscard]] std::optional<double> optional_number(std::string_view field) const;
  [[nodiscard]] std::vector<std::string> texts(std::string_view field) const;
  [[nodiscard]] Record record(std::string_view field) const;
  // All of its own that are texts.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> members() const;
  [[nodiscard]] std::vector<Record> records(std::string_view field) const;
  [[nodiscard]] std::vector<Record> optional_records(std::string_view field) const;  // missing: none

 private:
  [[nodiscard]] const boost::json::value* find(std::string_view field) const;
  [[nodiscard]] const boost::json::value& need(std::string_view field) const;

  const boost::json::object* object_;
};

}  // namespace gnomon::ctl

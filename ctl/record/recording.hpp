// SPDX-License-Identifier: GPL-2.0-or-later
// The command record: what happens to the daemon's engine, line by line into a file, until it is enough.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

namespace gnomon::ctl {

struct RecordWish {
  std::string file{};
  std::optional<double> length{};  // seconds; none: until interrupted
  bool overwrite = false;          // a file that is there
};

// The file of one recording.
class RecordFile {
 public:
  // Errors are sentences. Only its owner may read it: it has everybody's addresses. What was there before
  // goes with the first line; a new file without a line goes with this object.
  [[nodiscard]] static std::expected<RecordFile, std::string> create(const std::string& path, bool overwrite);
  RecordFile(RecordFile&& other) noexcept;
  RecordFile& operator=(RecordFile&&) = delete;
  ~RecordFile();

  // object: see sealed().
  [[nodiscard]] std::expected<void, std::string> write(std::string_view object);
  // The parameters of one reply. Throws ReplyFault.
  [[nodiscard]] std::expected<void, std::string> write_reply(const boost::json::object& reply);
  // The last line; on the disk afterwards. reason: one word.
  [[nodiscard]] std::expected<void, std::string> finish(std::string_view reason);
  [[nodiscard]] std::uint64_t lines() const { return lines_; }
  [[nodiscard]] std::uint64_t lost() const { return lost_; }

 private:
  RecordFile(std::string path, int descriptor, bool is_new)
      : path_(std::move(path)), descriptor_(descriptor), is_new_(is_new) {}
  [[nodiscard]] std::expected<void, std::string> put(std::string_view text);
  [[nodiscard]] std::string failure(int error) const;

  std::string path_;
  int descriptor_;
  bool is_new_;
  std::vector<std::string> forms_;  // base/raw_text.hpp
  std::uint64_t lines_ = 0;
  std::uint64_t lost_ = 0;
};

// While it lives, SIGINT and SIGTERM only say that it is enough.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  [[nodiscard]] static bool came();
};

}  // namespace gnomon::ctl

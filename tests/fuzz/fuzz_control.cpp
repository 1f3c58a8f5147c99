// SPDX-License-Identifier: GPL-2.0-or-later
// Whatever comes over the control socket: it is cut into messages, and every message that gets a reply gets
// one that is itself a varlink message.
#include <boost/json/parse.hpp>
#include <cstdlib>

#include "daemon/core/control/methods.hpp"

using namespace gnomon;
using namespace gnomon::core::control;

namespace {

class QuietDaemon final : public Reporter {
 public:
  [[nodiscard]] engine::TrackingReport tracking() const override { return {}; }
  [[nodiscard]] std::vector<SourceReport> sources() const override { return {SourceReport{}}; }
  [[nodiscard]] ServerReport server() const override { return {}; }
  [[nodiscard]] std::vector<CertificateReport> certificates() const override { return {CertificateReport{}}; }
  [[nodiscard]] std::expected<void, std::string> rekey() override { return {}; }
  [[nodiscard]] std::expected<void, std::string> apply(const engine::OperatorCommand& /*command*/) override {
    return {};
  }
  [[nodiscard]] std::expected<engine::ManualOutcome, std::string> set_time(base::RealTime /*time*/) override {
    return {};
  }
  [[nodiscard]] std::vector<engine::ManualEntry> manual_entries() const override { return {}; }
  [[nodiscard]] engine::SmoothingReport smoothing() const override { return {}; }
  [[nodiscard]] std::expected<void, std::string> smooth_time(SmoothTimeCommand /*command*/) override {
    return {};
  }
  [[nodiscard]] std::expected<void, std::string> apply(const SourceCommand& /*command*/) override {
    return {};
  }
  void shut_down() override {}
};

void check_reply(const std::string& text) {
  if (text.empty()) return;
  if (text.back() != '\0' || text.find('\0') != text.size() - 1) std::abort();
  const auto reply = boost::json::parse(std::string_view{text}.substr(0, text.size() - 1));
  if (!reply.as_object().contains("parameters")) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  QuietDaemon daemon;
  MessageSplitter splitter;
  if (!splitter.add({data, size})) return 0;
  while (const auto message = splitter.next())
    for (const auto right : {Right::observe, Right::operate})
      check_reply(answer(*message, right, daemon).text);
  return 0;
}

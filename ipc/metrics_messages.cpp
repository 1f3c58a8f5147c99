// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/metrics_messages.hpp"

#include "ipc/codec_impl.hpp"

namespace gnomon::ipc {

namespace {

// ReadMetrics: format u8
void write_body(base::ByteWriter& out, const ReadMetrics& m) {
  out.write(static_cast<std::uint8_t>(m.format));
}
ReadMetrics read_ReadMetrics(FieldReader& in) {
  return {in.enumerator(MetricsFormat::prometheus)};
}

// MetricsPart: last u8 | text (u16 length, octets)
void write_body(base::ByteWriter& out, const MetricsPart& m) {
  write_flag(out, m.last);
  write_block(out, base::as_bytes(m.text));
}
MetricsPart read_MetricsPart(FieldReader& in) {
  MetricsPart m;
  m.last = in.flag();
  const auto text = in.block(0, MetricsPart::most_octets);
  m.text.assign(text.begin(), text.end());
  return m;
}

}  // namespace

GNOMON_IPC_CODEC(ReadMetrics)
GNOMON_IPC_CODEC(MetricsPart)

}  // namespace gnomon::ipc

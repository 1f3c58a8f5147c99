// SPDX-License-Identifier: GPL-2.0-or-later
// A value as text, and read again. Stateless.
#pragma once

#include <string>

#include "base/raw_text.hpp"
#include "daemon/core/engine/replay/text_reader.hpp"
#include "daemon/core/engine/replay/text_writer.hpp"

namespace gnomon::testing {

template <class T>
std::string text_of(const T& value) {
  base::RawText text;
  engine::replay::append(text, value);
  return base::written_out(text.view()).value();
}

// Whether that is read as what it is written for.
template <class T>
bool comes_back(const T& value) {
  const auto text = text_of(value);
  engine::replay::TextReader reader{text};
  T again{};
  return reader.take(again) && reader.at_end() && text_of(again) == text;
}

}  // namespace gnomon::testing

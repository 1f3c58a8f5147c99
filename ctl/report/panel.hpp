// SPDX-License-Identifier: GPL-2.0-or-later
// One figure of a report: a heading, a sentence, a drawing with its axes. Stateless.
#pragma once

#include <string>
#include <vector>

#include "ctl/report/plot.hpp"

namespace gnomon::ctl {

struct Panel {
  std::string id;           // of the page, a word
  std::string heading;      // a text, escaped
  std::string sentence;     // as markup: what it shows, with the numbers that matter
  std::string description;  // for who cannot see the drawing, as markup
  std::vector<Tick> values;
  std::string drawing;  // elements of SVG
  double height = 200;  // of the drawing, in its units and in pixels of the page
  std::string kind{};   // further classes
};

// Lines across the drawing at each tick of both axes.
[[nodiscard]] std::string grid(const std::vector<Tick>& values, const std::vector<Tick>& across,
                               double height);
// `across`: the ticks of the horizontal axis.
[[nodiscard]] std::string panel_text(const Panel& panel, const std::vector<Tick>& across);

}  // namespace gnomon::ctl

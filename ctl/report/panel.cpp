// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/report/panel.hpp"

#include <fmt/format.h>

#include "ctl/report/markup.hpp"

namespace gnomon::ctl {

namespace {

std::string labels(const std::vector<Tick>& ticks, const char* side, bool from_bottom) {
  std::string text;
  for (const auto& tick : ticks)
    text += fmt::format("<span style=\"{}:{:.2f}%\">{}</span>", side,
                        100 * (from_bottom ? 1 - tick.share : tick.share), tick.label);
  return text;
}

}  // namespace

std::string grid(const std::vector<Tick>& values, const std::vector<Tick>& across, double height) {
  std::string path;
  for (const auto& tick : values)
    path += fmt::format("M0 {}h{:.0f}", coordinate((1 - tick.share) * height), drawing_width);
  for (const auto& tick : across)
    path += fmt::format("M{} 0v{:.0f}", coordinate(tick.share * drawing_width), height);
  return fmt::format("<path class=\"grid\" d=\"{}\"/>", path);
}

std::string panel_text(const Panel& panel, const std::vector<Tick>& across) {
  return fmt::format(
      "<figure class=\"panel{kind}\" id=\"{id}\">\n"
      "<figcaption><h2><bdi>{heading}</bdi></h2><p>{sentence}</p></figcaption>\n"
      "<div class=\"plot\" style=\"--h:{height:.0f}px\"><div class=\"y\" "
      "aria-hidden=\"true\">{values}</div>\n"
      "<svg viewBox=\"0 0 {width:.0f} {height:.0f}\" preserveAspectRatio=\"none\" role=\"img\" "
      "aria-labelledby=\"{id}-t {id}-d\">"
      "<title id=\"{id}-t\">{heading}</title><desc "
      "id=\"{id}-d\">{description}</desc>\n{grid}\n{drawing}</svg>\n"
      "<div class=\"x\" aria-hidden=\"true\">{across}</div></div></figure>\n",
      fmt::arg("kind", panel.kind.empty() ? "" : " " + panel.kind), fmt::arg("id", panel.id),
      fmt::arg("heading", panel.heading), fmt::arg("sentence", panel.sentence),
      fmt::arg("height", panel.height), fmt::arg("width", drawing_width),
      fmt::arg("values", labels(panel.values, "top", true)),
      fmt::arg("across", labels(across, "left", false)), fmt::arg("description", panel.description),
      fmt::arg("grid", grid(panel.values, across, panel.height)), fmt::arg("drawing", panel.drawing));
}

}  // namespace gnomon::ctl

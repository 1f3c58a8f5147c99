// SPDX-License-Identifier: GPL-2.0-or-later
// Core and launcher: network cards that timestamp packets themselves. The launcher switches that on and opens
// the card's clock; the core reads it.
#pragma once

#include <cstdint>
#include <string>

#include "ipc/frame.hpp"

namespace gnomon::ipc {

// core -> launcher: what `hwtimestamp` names and was not told of yet, or has come again, please.
struct OpenNics {
  static constexpr auto type = MessageType::open_nics;
};
// launcher -> core, for each; carries one descriptor: the card's clock, for reading.
struct NicOpened {
  static constexpr auto type = MessageType::nic_opened;
  std::uint32_t interface = 0;  // index, above 0
  std::string name;             // at most 15 characters
  std::uint16_t line = 0;       // which hwtimestamp line is about it, from 0
  bool receives = false;        // it timestamps NTP packets that arrive, too
  std::uint32_t speed = 0;      // Mbit/s; 0: not known
};

}  // namespace gnomon::ipc

// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/events.hpp"

namespace gnomon::engine {

std::string_view words(NameFailure failure) {
  switch (failure) {
    case NameFailure::no_such_name:
      return "there is no such name, or no address of the wanted family";
    case NameFailure::no_answer:
      return "no name server answers";
    case NameFailure::not_possible:
      return "the system's resolver could not ask";
    case NameFailure::no_resolver:
      return "gnomon-resolve has ended over it";
    case NameFailure::no_reply:
      return "gnomon-resolve does not answer";
  }
  return {};
}

}  // namespace gnomon::engine

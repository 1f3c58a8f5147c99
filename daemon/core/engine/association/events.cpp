// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/events.hpp"

namespace gnomon::engine {

std::string_view words(NameFailure failure) {
  switch (failure) {
    case NameFailure::no_such_name:
      return "there is no such name, or it has no address of the requested family";
    case NameFailure::no_answer:
      return "no name server answers";
    case NameFailure::not_possible:
      return "the system's resolver could not send its query";
    case NameFailure::impossible:
      return "no server can have the addresses that it has";
    case NameFailure::all_taken:
      return "each address that it has is a source already";
    case NameFailure::no_resolver:
      return "gnomon-resolve ended during the lookup";
    case NameFailure::no_reply:
      return "gnomon-resolve does not answer";
  }
  return {};
}

}  // namespace gnomon::engine

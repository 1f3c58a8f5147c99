// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/role_table.hpp"

#include <algorithm>

namespace gnomon::core {

RoleTable::Row* RoleTable::find(ipc::Role role) {
  const auto found = std::ranges::find(rows_, role, &Row::role);
  return found == rows_.end() ? nullptr : &*found;
}

void RoleTable::begin(ipc::Role role, int channel, std::uint8_t index) {
  auto* const row = find(role);
  if (channel < 0 || row == nullptr) return;
  row->configured = true;
  row->connect(index, base::Fd{channel});
}

bool RoleTable::replace(ipc::Role role, std::uint8_t index, base::Fd channel) {
  auto* const row = find(role);
  if (row == nullptr) return false;
  if (!row->rests()) ++row->replacements;  // of one that rests no process was lost
  if (row->replacement == Replacement::refused) return false;
  row->connect(index, std::move(channel));
  return true;
}

std::vector<metrics::Role> RoleTable::report() const {
  std::vector<metrics::Role> roles;
  for (const auto& row : rows_)
    if (row.configured)
      roles.push_back({.name = row.name,
                       .processes = row.connected(),
                       .replacements = row.replacements,
                       .rests = row.rests()});
  return roles;
}

}  // namespace gnomon::core

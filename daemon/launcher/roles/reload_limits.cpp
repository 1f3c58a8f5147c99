// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/reload_limits.hpp"

#include "daemon/launcher/roles/role_setups.hpp"

namespace gnomon::launcher {

bool is_within(const ipc::ClockBudget& budget, const std::optional<config::MakeStep>& make_step) {
  if (!make_step || make_step->limit == 0) return true;
  if (budget.step_limit == 0 || make_step->threshold.count() < budget.step_threshold_s) return false;
  return budget.step_limit < 0 || (make_step->limit > 0 && make_step->limit <= budget.step_limit);
}

LimitsOf limits_of_reload(const config::Config& at_start, const config::CommandLine& options,
                          bool serves_ke) {
  const auto budget = clock_budget_of(at_start, options);
  const bool steers = steers_clock(options);
  return [budget, steers, serves_ke](const config::Config& in_force, const config::Config& wanted) {
    Unchangeable limits;
    if (steers && !is_within(budget, wanted.clock.make_step))
      limits.emplace("makestep", "gnomon-clock has its limits from the start, and this exceeds them");
    // Listeners and processes for key exchanges are there from the start or not at all.
    const bool same_files = wanted.nts.certificates == in_force.nts.certificates;
    const bool has_files = !wanted.nts.certificates.empty();
    if (!same_files && has_files != serves_ke)
      for (const char* const directive : {"ntsservercert", "ntsserverkey"})
        limits.emplace(directive, serves_ke ? "the processes for NTS key exchanges cannot run without one"
                                            : "the port of NTS-KE is opened at the start");
    if (in_force.nts.key_secret_file.empty() != wanted.nts.key_secret_file.empty())
      limits.emplace("ntskeysecret", "cookie keys come from it, or do not, from the start");
    return limits;
  };
}

}  // namespace gnomon::launcher

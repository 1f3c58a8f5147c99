// SPDX-License-Identifier: GPL-2.0-or-later
// From what was seen to what it means and what to do. Pure functions: the same facts give the same findings.
#pragma once

#include "ctl/probe/facts.hpp"
#include "ctl/probe/finding.hpp"

namespace gnomon::ctl::probe {

[[nodiscard]] Findings judge_names(const Facts& facts, const Options& options);
// `now`: for the dates of certificates.
[[nodiscard]] Findings judge_key_exchange(const AtAddress& at, const Options& options, base::RealTime now);
// `several`: the host has other addresses, so that one that fails is not all.
[[nodiscard]] Findings judge_plain(const AtAddress& at, const Options& options, const OwnClock& own,
                                   bool several);
[[nodiscard]] Findings judge_nts(const AtAddress& at);
[[nodiscard]] Findings judge_burst(const AtAddress& at);
// What only shows in all addresses together, and why the probe ended early.
[[nodiscard]] Findings judge_together(const Facts& facts, const Options& options);

// The measurement with the least delay; nullopt: there is none.
[[nodiscard]] std::optional<Sample> best_sample(const Exchanges& exchanges);
// How far the server's time can be from the true time by its own account, and by the way to it.
[[nodiscard]] base::Seconds error_bound(const Exchanges& exchanges);
[[nodiscard]] base::Seconds jitter(const Exchanges& exchanges);
[[nodiscard]] base::Seconds root_distance(const ipc::SeenHeader& header);

}  // namespace gnomon::ctl::probe

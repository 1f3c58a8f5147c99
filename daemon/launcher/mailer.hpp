// SPDX-License-Identifier: GPL-2.0-or-later
// Sends the mails of `mailonchange`: a process of its own, since it runs a program of the system, which
// neither gnomond nor a role may. It knows the address and the threshold; the core tells it a number.
#pragma once

#include <expected>
#include <string>

#include "base/clock.hpp"
#include "base/os/error.hpp"
#include "base/os/fd.hpp"
#include "base/time.hpp"
#include "config/config.hpp"

namespace gnomon::launcher {

// Forks it, before gnomond gives up the right to run programs; it becomes `user` (empty: stays who it is),
// has no capability, and ends with the other end of the channel that is returned.
[[nodiscard]] base::OsResult<base::Fd> start_mailer(const config::MailOnChange& settings,
                                                    const std::string& user, const base::Clock& clock);

// --- its parts
// A mail as sendmail -t takes it. correction: positive, the clock was behind.
[[nodiscard]] std::string mail_about(const config::MailOnChange& settings, base::Seconds correction,
                                     const std::string& host, base::RealTime now);
// Runs `program -t` with that on its standard input, and waits for it. The error is a clause.
[[nodiscard]] std::expected<void, std::string> send_mail(const std::string& program, const std::string& mail);

}  // namespace gnomon::launcher

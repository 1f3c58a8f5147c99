// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/correction_mail.hpp"

#include <cerrno>
#include <cmath>

#include "base/os/channel.hpp"
#include "ipc/codec.hpp"

namespace gnomon::core {

void CorrectionMail::on_correction(base::Seconds correction,
                                   const std::optional<config::MailOnChange>& wanted) {
  if (!mailer_ || !wanted || std::fabs(correction.count()) <= wanted->threshold.count()) return;
  const auto sent = base::send_datagram_at_once(mailer_.get(),
                                                ipc::encode(ipc::SendMail{base::to_duration(correction)}, 0));
  if (sent) return;
  const auto why = base::to_string(sent.error());
  log_.write(base::LogEvent::mail_not_sent, "The mailer cannot be told of a correction of the clock: " + why,
             {{base::LogField::directive, "mailonchange"}, {base::LogField::reason, why}});
  if (sent.error().code != EAGAIN) mailer_.close();
}

}  // namespace gnomon::core

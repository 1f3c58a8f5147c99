// SPDX-License-Identifier: GPL-2.0-or-later
// Requests to one address, spaced and counted. Private to ask_ntp and sizes.
#pragma once

#include "ctl/probe/context.hpp"

namespace gnomon::ctl::probe {

class Asker {
 public:
  Asker(const Context& context, Exchanges& exchanges) : context_(context), exchanges_(exchanges) {}

  [[nodiscard]] bool goes_on() const { return context_.ended() == Ended::complete; }
  [[nodiscard]] const Exchanges& exchanges() const { return exchanges_; }
  void begin(std::string_view what) const { context_.begin(what); }
  void pause(base::Duration duration) const { context_.pause(duration); }

  // One request, again when nothing came, up to `tries` times.
  ipc::ProbeAnswer ask(ipc::ProbeExchange wanted, unsigned tries);
  // Whether a request is answered that was before: what fails besides is about the kind of request then.
  bool still_answers();
  bool answers_again() { return ask(usual_, 2).outcome == ipc::ProbeOutcome::answered; }
  void fell_silent() { exchanges_.fell_silent = true; }
  void recovered() { exchanges_.recovered = true; }
  // The request whose answers are sure: `usual` of still_answers().
  void set_usual(const ipc::ProbeExchange& usual) { usual_ = usual; }

 private:
  void note(const ipc::ProbeAnswer& answer, const ipc::ProbeExchange& wanted);

  const Context& context_;
  Exchanges& exchanges_;
  ipc::ProbeExchange usual_;
};

}  // namespace gnomon::ctl::probe

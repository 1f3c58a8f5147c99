// SPDX-License-Identifier: GPL-2.0-or-later
// From a call to its answer: the method is looked up, the caller's right and the names of the parameters are
// checked. The connection sends what comes out.
#pragma once

#include <string_view>

#include "daemon/core/control/message.hpp"
#include "daemon/core/control/method.hpp"
#include "daemon/core/control/reply_memory.hpp"
#include "daemon/core/control/reporter.hpp"

namespace gnomon::core::control {

// One message as it came, without its NUL. memory: null, every report is built afresh.
[[nodiscard]] Answer answer(std::string_view message, Right right, Reporter& reporter,
                            ReplyMemory* memory = nullptr);

}  // namespace gnomon::core::control

// SPDX-License-Identifier: GPL-2.0-or-later
// A server socket without a thread of its own: served by the core's event loop.
#pragma once

#include "daemon/core/server_worker.hpp"
#include "helpers/asio/asio.hpp"

namespace gnomon::core {

// Until it is cancelled.
[[nodiscard]] asio::awaitable<void> serve_here(asio::io_context& io, ServerWorker& worker);

}  // namespace gnomon::core

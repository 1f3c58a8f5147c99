// SPDX-License-Identifier: GPL-2.0-or-later
// A server socket without a thread of its own: served by the core's event loop.
#pragma once

#include "async/asio.hpp"
#include "daemon/core/server/server_worker.hpp"

namespace gnomon::core {

// Until it is cancelled.
[[nodiscard]] asio::awaitable<void> serve_here(asio::io_context& io, ServerWorker& worker);

}  // namespace gnomon::core

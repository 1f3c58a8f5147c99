// SPDX-License-Identifier: GPL-2.0-or-later
// What one server worker has counted. Written by its thread alone, read by the core: relaxed atomics, on a
// cache line of their own.
#pragma once

#include <atomic>
#include <cstdint>

#include "daemon/core/engine/serving/responder.hpp"

namespace gnomon::core {

struct alignas(64) ServerCounters {
  std::atomic<std::uint64_t> hits{0};  // all, those that are dropped too
  std::atomic<std::uint64_t> drops{0};
  std::atomic<std::uint64_t> authenticated{0};
  std::atomic<std::uint64_t> interleaved{0};
  std::atomic<std::uint64_t> kernel_rx{0};
  std::atomic<std::uint64_t> daemon_rx{0};
  std::atomic<std::uint64_t> daemon_tx{0};
  std::atomic<std::uint64_t> kernel_tx{0};
  std::atomic<std::uint64_t> hardware_rx{0};
  std::atomic<std::uint64_t> hardware_tx{0};
};

struct ServerTotals {
  std::uint64_t hits = 0;
  std::uint64_t drops = 0;
  std::uint64_t authenticated = 0;
  std::uint64_t interleaved = 0;
  std::uint64_t kernel_rx = 0;
  std::uint64_t daemon_rx = 0;
  std::uint64_t daemon_tx = 0;
  std::uint64_t kernel_tx = 0;
  std::uint64_t log_drops = 0;  // of the client log
  std::uint64_t hardware_rx = 0;
  std::uint64_t hardware_tx = 0;
  engine::TransmitMemory::Extent timestamps{};  // remembered for interleaving clients

  void add(const ServerCounters& counters) {
    hits += counters.hits.load(std::memory_order_relaxed);
    drops += counters.drops.load(std::memory_order_relaxed);
    interleaved += counters.interleaved.load(std::memory_order_relaxed);
    authenticated += counters.authenticated.load(std::memory_order_relaxed);
    kernel_rx += counters.kernel_rx.load(std::memory_order_relaxed);
    daemon_rx += counters.daemon_rx.load(std::memory_order_relaxed);
    kernel_tx += counters.kernel_tx.load(std::memory_order_relaxed);
    hardware_rx += counters.hardware_rx.load(std::memory_order_relaxed);
    hardware_tx += counters.hardware_tx.load(std::memory_order_relaxed);
    daemon_tx += counters.daemon_tx.load(std::memory_order_relaxed);
  }
};

}  // namespace gnomon::core

// SPDX-License-Identifier: GPL-2.0-or-later
// The one translation unit with Asio's non-template code (BOOST_ASIO_SEPARATE_COMPILATION).
#include <boost/asio/impl/src.hpp>

// SPDX-License-Identifier: GPL-2.0-or-later
// fmt itself, compiled once: Debian has it as a shared library only. Numbers are written without the locale's
// separators, as nobody asks for them, and so nothing of libstdc++'s locales comes with it.
#define FMT_STATIC_THOUSANDS_SEPARATOR ','
#include <fmt/format-inl.h>

template auto fmt::detail::thousands_sep_impl<char>(fmt::detail::locale_ref)
    -> fmt::detail::thousands_sep_result<char>;
template auto fmt::detail::decimal_point_impl<char>(fmt::detail::locale_ref) -> char;
// What a program uses of these has been seen to differ with the compiler and its optimisation.
template void fmt::detail::vformat_to<char>(fmt::detail::buffer<char>&, fmt::string_view,
                                            fmt::basic_format_args<fmt::format_context>,
                                            fmt::detail::locale_ref);

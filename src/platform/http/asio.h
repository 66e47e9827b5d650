// SPDX-License-Identifier: Apache-2.0
//
// The few names of Boost.Asio that this folder uses, bound to the executor of one io_context (the general executor type
// costs an allocation and virtual calls for each operation).
//
// GCC 12.2 destroys twice what a co_await expression holds as a temporary closure or aggregate: give those a name
// first.

#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace firmsign::http {

namespace asio = boost::asio;
using boost::system::error_code;

using Executor = asio::io_context::executor_type;
template <class T>
using Awaitable = asio::awaitable<T, Executor>;
inline constexpr asio::use_awaitable_t<Executor> kAwait;

// A TCP or Unix stream socket.
using Socket = asio::generic::stream_protocol::socket::rebind_executor<Executor>::other;

}  // namespace firmsign::http

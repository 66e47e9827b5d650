// SPDX-License-Identifier: Apache-2.0
//
// The tables of the event bus.

#pragma once

#include <span>

#include "platform/db/database.h"

namespace firmsign::events {

std::span<const db::Migration> Migrations();

}  // namespace firmsign::events

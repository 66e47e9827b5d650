// SPDX-License-Identifier: Apache-2.0
//
// The tables of ACM.

#pragma once

#include <span>

#include "platform/db/database.h"

namespace firmsign::acm {

std::span<const db::Migration> Migrations();

}  // namespace firmsign::acm

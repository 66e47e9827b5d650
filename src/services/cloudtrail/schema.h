// SPDX-License-Identifier: Apache-2.0
//
// The tables of the audit trail.

#pragma once

#include <span>

#include "platform/db/database.h"

namespace firmsign::cloudtrail {

std::span<const db::Migration> Migrations();

}  // namespace firmsign::cloudtrail

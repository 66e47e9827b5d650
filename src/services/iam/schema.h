// SPDX-License-Identifier: Apache-2.0
//
// The tables of identities.

#pragma once

#include <span>

#include "platform/db/database.h"

namespace firmsign::iam {

std::span<const db::Migration> Migrations();

}  // namespace firmsign::iam

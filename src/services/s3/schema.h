// SPDX-License-Identifier: Apache-2.0
//
// The tables of the object store.

#pragma once

#include <span>

#include "platform/db/database.h"

namespace firmsign::s3 {

std::span<const db::Migration> Migrations();

}  // namespace firmsign::s3

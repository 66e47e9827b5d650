// SPDX-License-Identifier: Apache-2.0
//
// The tables of Signer.

#pragma once

#include <span>

#include "platform/db/database.h"

namespace firmsign::signer {

std::span<const db::Migration> Migrations();

}  // namespace firmsign::signer

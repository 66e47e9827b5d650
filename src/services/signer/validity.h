// SPDX-License-Identifier: Apache-2.0
//
// How long a profile may let its signatures hold (contract 02 §2.5).

#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "services/signer/profile.h"

namespace firmsign::signer {

// 135 months.
Validity DefaultValidity();
// `type` is one of ValidityType. kInvalid: less than one, or more than 135 months; the message is for the caller.
Expected<Validity> MakeValidity(std::int64_t value, std::string_view type);

}  // namespace firmsign::signer

// SPDX-License-Identifier: Apache-2.0
//
// What the handlers of the token service may touch: nothing yet, they answer from the call itself.

#pragma once

namespace firmsign::sts {

struct Service {};

}  // namespace firmsign::sts

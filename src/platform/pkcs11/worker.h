// SPDX-License-Identifier: Apache-2.0
//
// The worker process that holds a vendor's PKCS#11 module: what `firmsign token-worker LANES` runs.
//
// It may crash, hang or be killed at any moment; Token (token.h), its parent, starts another. It inherits one socket
// for each lane, from descriptor kFirstLane on, and nothing else; a lane is a thread with a session of its own. It
// learns the PIN and what is to be signed, which is a digest, and never a key.

#pragma once

namespace firmsign::pkcs11 {

inline constexpr int kFirstLane = 3;
inline constexpr int kLanesMax = 256;

// Serves until the parent closes the lanes; the exit status.
int RunWorker(int lanes);

}  // namespace firmsign::pkcs11

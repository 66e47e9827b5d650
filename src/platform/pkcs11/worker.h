// SPDX-License-Identifier: Apache-2.0
//
// The worker process that holds a vendor's PKCS#11 module: what `firmsign token-worker SESSIONS` runs.
//
// It may crash, hang or be killed at any moment; Token (token.h), its parent, starts another. It inherits a socket,
// over which it is set up and learns that the server is gone, and the lanes (lanes.h) in which it is asked, and nothing
// else. A session is a thread of its own. It learns the PIN and what is to be signed, which is a digest, and never a
// key.

#pragma once

namespace firmsign::pkcs11 {

inline constexpr int kSetUpSocket = 3;
inline constexpr int kLanesDescriptor = 4;

// Serves until the server closes its end of the socket. Returns only when it does not begin; the exit status.
int RunWorker(int sessions);

}  // namespace firmsign::pkcs11

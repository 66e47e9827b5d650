// SPDX-License-Identifier: Apache-2.0
//
// OpenSSL's error queue as one clause of words, for the other files of this folder, and for platform/xmldsig, which
// must leave the queue empty. Nobody else includes this.

#pragma once

#include <string>

namespace firmsign::crypto {

// The reason of the oldest entry of this thread's queue, e.g. "bad decrypt", and an empty queue afterwards. Only
// OpenSSL's fixed texts are used, never the data that an entry may carry. "no reason given" if the queue is empty.
std::string TakeOpenSslReason();

}  // namespace firmsign::crypto

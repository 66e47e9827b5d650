// SPDX-License-Identifier: Apache-2.0
//
// The hashes of an object that is a list of parts, from those of the parts (contract §8.3, §8.5).

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/s3/store.h"

namespace firmsign::s3 {

// The MD5 of the parts' binary MD5s and "-N".
std::string EtagOfParts(const std::vector<store::Part>& parts);
// FULL_OBJECT: combined mathematically, for CRCs; COMPOSITE: the checksum of the parts' checksums and "-N".
store::Checksum ChecksumOfParts(std::string_view algorithm, std::string_view type,
                                const std::vector<store::Part>& parts);

}  // namespace firmsign::s3

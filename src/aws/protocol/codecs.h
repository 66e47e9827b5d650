// SPDX-License-Identifier: Apache-2.0
//
// The four codecs behind CodecFor. Only codec.cc names them.

#pragma once

#include "aws/protocol/codec.h"

namespace firmsign::aws {

const Codec& RestJsonCodec();
const Codec& Json11Codec();
const Codec& QueryCodec();
const Codec& RestXmlCodec();

// What the client sees as the name of an error.
inline std::string_view WireCode(const ErrorShape& shape) {
  return shape.wire_code.empty() ? shape.name : shape.wire_code;
}

}  // namespace firmsign::aws

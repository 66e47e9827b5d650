// SPDX-License-Identifier: Apache-2.0

#include "aws/protocol/codec.h"

#include "aws/protocol/codecs.h"
#include "base/check.h"

namespace firmsign::aws {

const Codec& CodecFor(Protocol protocol) {
  switch (protocol) {
    case Protocol::kRestJson: return RestJsonCodec();
    case Protocol::kJson11: return Json11Codec();
    case Protocol::kQuery: return QueryCodec();
    case Protocol::kRestXml: return RestXmlCodec();
  }
  CHECK(false);
}

}  // namespace firmsign::aws

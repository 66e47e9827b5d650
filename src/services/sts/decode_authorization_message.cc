// SPDX-License-Identifier: Apache-2.0
//
// DecodeAuthorizationMessage: what a denial was about. Denials carry it when the setting sts.encode_denials is on.
//
// https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html

#include "services/sts/operations.h"
#include "services/sts/session.h"

namespace firmsign::sts {

aws::Result<ops::DecodeAuthorizationMessage> DecodeAuthorizationMessage(
    Service& sts, const Call<ops::DecodeAuthorizationMessage>& call) {
  auto decoded = sts.denials.Decode(call.facts().account(), call.input().encoded_message);
  if (decoded) return DecodeAuthorizationMessageResponse{.decoded_message = *std::move(decoded)};
  return aws::Refuse<errors::InvalidAuthorizationMessageException>("Invalid authorization message: " +
                                                                   decoded.error().message);
}

}  // namespace firmsign::sts

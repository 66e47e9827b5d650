// SPDX-License-Identifier: Apache-2.0

#include "services/sts/denials.h"

#include "base/encoding.h"

namespace firmsign::sts {
namespace {

constexpr SecretAccess kSealing("what a denied request was about, for whoever may decode it");

std::string ContextOf(const AccountId& account) { return "sts/denial/" + account.str(); }

}  // namespace

std::string Denials::Encode(const AccountId& account, std::string_view explanation) const {
  return EncodeBase64(keyring_.Seal(ContextOf(account), SecretBytes(std::string(explanation))));
}

Expected<std::string> Denials::Decode(const AccountId& account, std::string_view message) const {
  const auto box = DecodeBase64(message);
  if (!box) return Fail(Code::kInvalid, "the message is not base64");
  const auto opened = keyring_.Open(ContextOf(account), *box);
  if (!opened) return Fail(Code::kInvalid, "the message is none that this account was sent");
  return std::string(opened->Reveal(kSealing));
}

}  // namespace firmsign::sts

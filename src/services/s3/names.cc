// SPDX-License-Identifier: Apache-2.0

#include "services/s3/names.h"

#include <algorithm>

#include "base/encoding.h"
#include "engine/policy/principal.h"

namespace firmsign::s3 {
namespace {

constexpr std::string_view kVersionAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
constexpr std::size_t kVersionIdCharacters = 32;

bool IsLowerAlnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// Four groups of one to three digits.
bool LooksLikeIpv4(std::string_view name) {
  int groups = 0;
  while (true) {
    const std::size_t dot = name.find('.');
    const std::string_view group = name.substr(0, dot);
    if (group.empty() || group.size() > 3) return false;
    if (group.find_first_not_of("0123456789") != std::string_view::npos) return false;
    ++groups;
    if (dot == std::string_view::npos) return groups == 4;
    name.remove_prefix(dot + 1);
  }
}

}  // namespace

bool IsBucketName(std::string_view name) {
  if (name.size() < 3 || name.size() > 63) return false;
  if (!IsLowerAlnum(name.front()) || !IsLowerAlnum(name.back())) return false;
  if (!std::all_of(name.begin(), name.end(), [](char c) { return IsLowerAlnum(c) || c == '.' || c == '-'; })) {
    return false;
  }
  if (name.find("..") != std::string_view::npos || LooksLikeIpv4(name)) return false;
  for (const std::string_view reserved : {"xn--", "sthree-"}) {
    if (name.starts_with(reserved)) return false;
  }
  for (const std::string_view reserved : {"-s3alias", "--ol-s3", "--x-s3", "--table-s3", ".mrap"}) {
    if (name.ends_with(reserved)) return false;
  }
  return true;
}

bool IsVersionId(std::string_view text) {
  if (text == "null") return true;
  return text.size() == kVersionIdCharacters && text.find_first_not_of(kVersionAlphabet) == std::string_view::npos;
}

std::string MakeVersionId(Random& random) { return MakeRandomText(random, kVersionAlphabet, kVersionIdCharacters); }

std::string MakeUploadId(Random& random, Instant now) {
  const auto micros = static_cast<std::uint64_t>(std::max<std::int64_t>(now.micros, 0));
  unsigned char bytes[16];
  random.Fill(bytes);
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<unsigned char>(micros >> (56 - 8 * i));
  return EncodeHex(std::string_view(reinterpret_cast<const char*>(bytes), sizeof(bytes)));
}

std::string SignerEtag(std::string_view sha256) {
  return EncodeHex(sha256.substr(0, 16)) + std::string(kSignerEtagEnd);
}

std::string CanonicalId(const AccountId& account) { return policy::CanonicalUserId(account); }

std::string BucketArn(std::string_view bucket) { return "arn:aws:s3:::" + std::string(bucket); }

std::string ObjectArn(std::string_view bucket, std::string_view key) {
  return BucketArn(bucket) + "/" + std::string(key);
}

}  // namespace firmsign::s3

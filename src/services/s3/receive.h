// SPDX-License-Identifier: Apache-2.0
//
// Takes the body of PutObject and UploadPart: stages it, and checks it against everything that the client claimed.

#pragma once

#include <algorithm>
#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "gateway/call.h"
#include "gateway/payload.h"
#include "services/s3/checksums.h"
#include "services/s3/refuse.h"
#include "services/s3/service.h"

namespace firmsign::s3 {

inline constexpr std::uint64_t kPutBytesMax = std::uint64_t{5} << 30;
// What one request may bring.
inline std::uint64_t PutBytesMax(const Blobs& blobs) { return std::min(kPutBytesMax, blobs.bytes_max()); }

// The checksum that is kept of the bytes, and which others the client may claim.
struct ChecksumRule {
  std::optional<ChecksumKind> kept;  // absent: the one that the client claims or announces, or the default
  bool takes_others = true;          // besides `kept`
};

struct ComputedChecksum {
  ChecksumKind kind = kDefaultChecksum;
  std::string value;  // raw
};

struct Received {
  StagedBlob blob;
  std::string md5;     // raw
  std::string sha256;  // raw
  ComputedChecksum checksum;
  std::optional<ComputedChecksum> other;  // what the client claimed, if that is not what is kept
};

// Reads the payload to its end. At most 512 KiB beside the blob's own buffer are in memory. kExhausted: the disk is
// full, or (with *is_too_large set) there are more than kPutBytesMax bytes, or more than the database takes.
Expected<Received> ReceiveBytes(Service& service, gateway::Payload& payload, Placement placement, ChecksumKind kind,
                                std::optional<ChecksumKind> other, bool* is_too_large);

// Computes another checksum over staged bytes: for a trailer whose algorithm was not announced.
Expected<std::string> ChecksumOfStaged(Service& service, const Received& received, ChecksumKind kind);

template <class Op, class E>
std::unexpected<aws::OperationError<Op>> AsOperationError(std::unexpected<aws::Refusal<E>> refusal) {
  return std::unexpected(aws::OperationError<Op>(std::move(refusal).error()));
}

// Compares what was received with the checksum claimed for it, which is computed now if it had not been announced.
template <class Op>
std::expected<void, aws::OperationError<Op>> CheckChecksum(Service& service, const ClaimedChecksum& claim,
                                                           const ChecksumRule& rule, Received& received) {
  if (rule.kept && !rule.takes_others && claim.kind != *rule.kept) {
    return aws::Refuse<errors::InvalidRequest>(
        "Checksum Type mismatch occurred, expected checksum Type: " + std::string(ChecksumName(*rule.kept)) +
        ", actual checksum Type: " + std::string(ChecksumName(claim.kind)));
  }
  const auto claimed = DecodeBase64(claim.value);
  if (!claimed || claimed->size() != ChecksumBytes(claim.kind)) {
    return aws::Refuse<errors::InvalidRequest>("Value for x-amz-checksum-" + ToLower(ChecksumName(claim.kind)) +
                                               " header is invalid.");
  }
  const bool is_computed =
      claim.kind == received.checksum.kind || (received.other && claim.kind == received.other->kind);
  if (!is_computed) {
    auto value = ChecksumOfStaged(service, received, claim.kind);
    if (!value) return std::unexpected(std::move(value).error());
    ComputedChecksum computed{.kind = claim.kind, .value = *std::move(value)};
    if (rule.kept) {
      received.other = std::move(computed);
    } else {
      received.checksum = std::move(computed);
    }
  }
  const ComputedChecksum& computed = claim.kind == received.checksum.kind ? received.checksum : *received.other;
  if (*claimed != computed.value) {
    return aws::Refuse<errors::BadDigest>("The " + std::string(ChecksumName(claim.kind)) +
                                          " you specified did not match the calculated checksum.");
  }
  return {};
}

template <class Op>
std::expected<Received, aws::OperationError<Op>> Receive(Service& service, const gateway::Authorized<Op>& call,
                                                         Placement placement, const ChecksumRule& rule) {
  const auto& input = call.input();
  gateway::Payload& payload = call.payload();
  const auto refuse_claim = [](ClaimProblem problem) {
    return problem == ClaimProblem::kSeveral
               ? AsOperationError<Op>(aws::Refuse<errors::InvalidRequest>(
                     "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."))
               : AsOperationError<Op>(RefuseNotImplemented("x-amz-checksum-*"));
  };

  // Everything that can be refused before a byte was read.
  Claim claim = FindClaim(input);
  if (claim.problem != ClaimProblem::kNone) return refuse_claim(claim.problem);
  std::optional<std::string> claimed_md5;
  if (input.content_md5) {
    claimed_md5 = DecodeBase64(*input.content_md5);
    if (!claimed_md5 || claimed_md5->size() != 16) {
      return RefuseWith<errors::InvalidDigest>("The Content-MD5 you specified was invalid.",
                                               {{"Content-MD5", *input.content_md5}});
    }
  }
  const auto refuse_size = [&] {
    if (!service.blobs.has_folder()) return AsOperationError<Op>(RefuseTooLargeForDatabase(service.blobs));
    return AsOperationError<Op>(RefuseWith<errors::EntityTooLarge>(
        "Your proposed upload exceeds the maximum allowed size", {{"MaxSizeAllowed", std::to_string(kPutBytesMax)}}));
  };
  if (payload.declared_bytes().value_or(0) > PutBytesMax(service.blobs)) return refuse_size();
  // What the client will claim, as far as is known before the body; its trailer may say otherwise.
  std::optional<ChecksumKind> announced;
  if (claim.checksum) {
    announced = claim.checksum->kind;
  } else if (input.checksum_algorithm) {
    announced = ParseChecksumName(*input.checksum_algorithm);
  }
  const ChecksumKind kind = rule.kept.value_or(announced.value_or(kDefaultChecksum));
  if (announced == kind || !rule.takes_others) announced.reset();

  bool is_too_large = false;
  auto received = ReceiveBytes(service, payload, placement, kind, announced, &is_too_large);
  if (is_too_large) return refuse_size();
  if (!received) return std::unexpected(std::move(received).error());

  if (claimed_md5 && *claimed_md5 != received->md5) {
    return RefuseWith<errors::BadDigest>(
        "The Content-MD5 you specified did not match what we received.",
        {{"ExpectedDigest", *input.content_md5}, {"CalculatedDigest", EncodeBase64(received->md5)}});
  }
  if (Claim trailing = FindClaimInTrailers(payload.trailers()); trailing.checksum) {
    if (claim.checksum) trailing.problem = ClaimProblem::kSeveral;
    if (trailing.problem != ClaimProblem::kNone) return refuse_claim(trailing.problem);
    claim = std::move(trailing);
  }
  if (claim.checksum) {
    auto checked = CheckChecksum<Op>(service, *claim.checksum, rule, *received);
    if (!checked) return std::unexpected(std::move(checked).error());
  } else {
    received->other.reset();
  }
  return *std::move(received);
}

}  // namespace firmsign::s3

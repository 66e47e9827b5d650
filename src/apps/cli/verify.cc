// SPDX-License-Identifier: Apache-2.0

#include "apps/cli/verify.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "apps/cli/progress.h"
#include "engine/signing/notation_envelope.h"
#include "engine/signing/sign.h"
#include "engine/signing/signed_zip.h"
#include "platform/crypto/key.h"
#include "platform/files/file.h"

namespace firmsign::cli {
namespace {

constexpr std::size_t kCertificateBytesMax = 1 << 20;

class FileImage final : public signing::Image {
 public:
  FileImage(std::shared_ptr<const files::File> file, std::uint64_t size)
      : file_(std::move(file)), size_(size), progress_("verifying", size) {}
  std::uint64_t size() const override { return size_; }
  std::optional<std::string> stored_sha256() const override { return std::nullopt; }
  Expected<std::size_t> ReadAt(std::uint64_t offset, std::span<char> out) override {
    ASSIGN_OR_RETURN(const std::size_t count, file_->ReadAt(offset, out));
    progress_.Show(std::min(offset + count, size_));
    return count;
  }

 private:
  std::shared_ptr<const files::File> file_;
  std::uint64_t size_;
  Progress progress_;
};

Expected<void> VerifyWithCertificate(const VerifyOptions& options) {
  constexpr std::size_t kSignedObjectBytesMax = std::size_t{64} << 20;
  ASSIGN_OR_RETURN(const std::string object, files::ReadWholeFile(options.signed_object, kSignedObjectBytesMax));
  ASSIGN_OR_RETURN(const std::string pem, files::ReadWholeFile(options.certificate, kCertificateBytesMax));
  ASSIGN_OR_RETURN(const signing::ParsedSignedObject parsed, signing::ParseSignedObject(object));
  ASSIGN_OR_RETURN(const crypto::PublicKey key, crypto::PublicKey::FromPem(pem));
  ASSIGN_OR_RETURN(std::shared_ptr<const files::File> file, files::OpenForReading(options.image));
  ASSIGN_OR_RETURN(const std::uint64_t size, file->Size());
  {
    FileImage image(std::move(file), size);
    RETURN_IF_ERROR(signing::VerifySignedObject(parsed, image, key));
  }
  fmt::print("verified: {} is signed with {} by the key of {}\n", options.image, parsed.algorithm_name,
             options.certificate);
  return {};
}

// The root vouches for every account of its deployment, so whose signature it is has to be asked, too.
Expected<void> CheckProfile(const signing::VerifiedSignature& signature, const std::string& wanted) {
  const std::string& version = signature.facts.profile_version_arn;
  if (!wanted.empty() && !wanted.starts_with("arn:")) {
    return Fail(Code::kInvalid,
                fmt::format("--profile {}: give the profile's ARN, which GetSigningProfile tells", wanted));
  }
  if (wanted.empty() || version == wanted || version.starts_with(wanted + "/")) return {};
  return Fail(Code::kInvalid, fmt::format("it was signed by another profile, {}", version));
}

void PrintVerified(const std::string& file, const signing::VerifiedSignature& signature) {
  fmt::print(
      "verified: {} was signed on {} and holds until {}\n  job     {}\n  profile {}\n"
      "  whether it was revoked meanwhile is not known: GetRevocationStatus tells, asked with these certificateHashes\n"
      "  {}\n",
      file, FormatIso8601(signature.facts.signed_at), FormatIso8601(signature.facts.expires_at),
      signature.facts.job_arn, signature.facts.profile_version_arn,
      fmt::join(signing::RevocationHashes(signature.chain), "\n  "));
}

Expected<void> VerifyWithRoot(const VerifyOptions& options) {
  constexpr std::string_view kZip = "PK";
  constexpr std::size_t kEnvelopeBytesMax = 1 << 20;
  ASSIGN_OR_RETURN(const std::string pem, files::ReadWholeFile(options.root, kCertificateBytesMax));
  ASSIGN_OR_RETURN(const crypto::Certificate root, crypto::Certificate::FromPem(pem));
  ASSIGN_OR_RETURN(std::shared_ptr<const files::File> file, files::OpenForReading(options.image));
  ASSIGN_OR_RETURN(const std::uint64_t size, file->Size());
  std::array<char, kZip.size()> begin{};
  ASSIGN_OR_RETURN(const std::size_t count, file->ReadAt(0, begin));
  const Instant now = SystemClock().Now();
  if (std::string_view(begin.data(), count) == kZip) {
    Expected<signing::VerifiedSignature> verified = [&] {
      FileImage image(std::move(file), size);
      return signing::VerifySignedZip(image, root, now);
    }();
    RETURN_IF_ERROR(verified);
    RETURN_IF_ERROR(CheckProfile(*verified, options.profile));
    PrintVerified(options.image, *verified);
    return {};
  }
  ASSIGN_OR_RETURN(const std::string envelope, files::ReadWholeFile(options.image, kEnvelopeBytesMax));
  if (!envelope.starts_with('{')) {
    return Fail(Code::kInvalid,
                fmt::format("{} is neither a signed zip archive nor a Notation envelope", options.image));
  }
  ASSIGN_OR_RETURN(const signing::VerifiedEnvelope verified, signing::VerifyNotationEnvelope(envelope, root, now));
  RETURN_IF_ERROR(CheckProfile(verified.signature, options.profile));
  PrintVerified(options.image, verified.signature);
  fmt::print("  payload {}\n", verified.payload);
  return {};
}

}  // namespace

Expected<void> Verify(const VerifyOptions& options) {
  if (!options.root.empty()) return VerifyWithRoot(options);
  if (!options.signed_object.empty() && !options.certificate.empty()) return VerifyWithCertificate(options);
  return Fail(Code::kInvalid,
              "give --signed-object and --certificate, or --root for a signed zip archive or a Notation envelope");
}

}  // namespace firmsign::cli

// SPDX-License-Identifier: Apache-2.0

#include "apps/cli/verify.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/cli/progress.h"
#include "engine/signing/sign.h"
#include "platform/crypto/key.h"
#include "platform/files/file.h"

namespace firmsign::cli {
namespace {

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

}  // namespace

Expected<void> Verify(const VerifyOptions& options) {
  constexpr std::size_t kSignedObjectBytesMax = std::size_t{64} << 20;
  constexpr std::size_t kCertificateBytesMax = 1 << 20;
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

}  // namespace firmsign::cli

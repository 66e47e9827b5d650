// SPDX-License-Identifier: Apache-2.0
//
// Whatever is accepted as an archive is signed so that it verifies with the digest that was signed, keeps the bytes of
// its entries, and is refused the second time because it is signed already. Nothing is believed that is not signed
// here.

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "engine/signing/signed_zip.h"
#include "engine/signing/testing/identity.h"
#include "engine/signing/testing/memory_image.h"
#include "platform/zip/archive.h"

namespace firmsign::signing {
namespace {

Expected<ZipSignature> Sign(Image& image, std::string& out) {
  static const ServiceIdentity identity = MakeTestIdentity();
  static const Recipe recipe = *MakeRecipe(*FindPlatform("AWSLambda-SHA384-ECDSA"), "", "", "");
  auto signature = SignZip(recipe, image, identity, TestFacts(), [&out](std::string_view piece) -> Expected<void> {
    out += piece;
    return {};
  });
  if (!signature) return signature;
  MemoryImage signed_image(out);
  const auto verified = VerifySignedZip(signed_image, identity.chain.back(), kTestSignedAt);
  CHECK(verified.has_value());
  CHECK(verified->signed_digest == signature->signed_digest);
  return signature;
}

void CheckArchive(const std::string& bytes) {
  static const crypto::Certificate other_root = MakeTestIdentity().chain.back();
  MemoryImage image(bytes);
  CHECK(!VerifySignedZip(image, other_root, kTestSignedAt));
  std::string out;
  const auto signature = Sign(image, out);
  if (!signature) {
    CHECK(signature.error().code == Code::kInvalid);
    return;
  }
  const auto archive = zip::Archive::Open(
      {.size = image.size(), .read_at = [&image](auto offset, auto into) { return image.ReadAt(offset, into); }});
  CHECK(archive.has_value());
  const std::size_t entries_bytes = bytes.size() - archive->tail().size();
  CHECK(out.compare(0, entries_bytes, bytes, 0, entries_bytes) == 0);
  MemoryImage signed_image(out);
  std::string again;
  const auto second = Sign(signed_image, again);
  CHECK(!second && second.error().message == "the zip archive is signed already: give the unsigned one");
}

}  // namespace
}  // namespace firmsign::signing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  firmsign::signing::CheckArchive(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}

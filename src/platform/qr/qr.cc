// SPDX-License-Identifier: Apache-2.0

#include "platform/qr/qr.h"

#include <png.h>
#include <qrencode.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "base/check.h"

namespace firmsign::qr {
namespace {

constexpr std::size_t kPixels = 8;  // of a module
constexpr std::size_t kQuiet = 4;   // modules

struct FreeCode {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

// One byte a pixel: 0 is black, 255 white.
std::vector<std::uint8_t> Draw(const QRcode& code, std::size_t side) {
  std::vector<std::uint8_t> pixels(side * side, 255);
  const auto modules = static_cast<std::size_t>(code.width);
  for (std::size_t y = 0; y < modules * kPixels; ++y) {
    for (std::size_t x = 0; x < modules * kPixels; ++x) {
      const bool is_black = (code.data[y / kPixels * modules + x / kPixels] & 1) != 0;
      if (is_black) pixels[(y + kQuiet * kPixels) * side + x + kQuiet * kPixels] = 0;
    }
  }
  return pixels;
}

}  // namespace

Expected<std::string> MakePng(std::string_view text) {
  const std::unique_ptr<QRcode, FreeCode> code(QRcode_encodeData(
      static_cast<int>(text.size()), reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_M));
  if (code == nullptr) return Fail(Code::kInvalid, "a QR code does not hold this many bytes");
  const std::size_t side = (static_cast<std::size_t>(code->width) + 2 * kQuiet) * kPixels;
  const std::vector<std::uint8_t> pixels = Draw(*code, side);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = image.height = static_cast<png_uint_32>(side);
  image.format = PNG_FORMAT_GRAY;
  std::string png(PNG_IMAGE_PNG_SIZE_MAX(image), '\0');
  png_alloc_size_t size = png.size();
  CHECK(png_image_write_to_memory(&image, png.data(), &size, 0, pixels.data(), 0, nullptr) != 0);
  png.resize(size);
  return png;
}

}  // namespace firmsign::qr

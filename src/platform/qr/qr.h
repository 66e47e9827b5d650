// SPDX-License-Identifier: Apache-2.0
//
// QR codes (ISO/IEC 18004) as pictures, by libqrencode and libpng.

#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace firmsign::qr {

// A PNG in black and white: eight pixels a module, with the quiet zone of four modules around; error correction M,
// which bears 15 % of damage. Thread safety: safe. kInvalid: no text, or more than 2331 bytes of it.
Expected<std::string> MakePng(std::string_view text);

}  // namespace firmsign::qr

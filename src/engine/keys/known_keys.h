// SPDX-License-Identifier: Apache-2.0
//
// Keys whose private halves are public: everybody can sign with them. They come with test suites and examples of
// bootloaders.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace firmsign::keys {

// What the key is, "MCUboot's root-rsa-2048.pem"; nullopt: not known. `spki`: its SubjectPublicKeyInfo in DER.
std::optional<std::string> WhosePublishedKey(std::string_view spki);

}  // namespace firmsign::keys

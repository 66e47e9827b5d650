// SPDX-License-Identifier: Apache-2.0

#include "platform/pkcs11/uri.h"

#include <fmt/format.h>
#include <p11-kit/pkcs11.h>
#include <p11-kit/uri.h>

#include <algorithm>
#include <memory>
#include <string_view>

namespace firmsign::pkcs11 {
namespace {

std::string TextOf(const char* text) { return text == nullptr ? std::string() : std::string(text); }

bool NamesAToken(P11KitUri* uri) {
  const CK_TOKEN_INFO* info = p11_kit_uri_get_token_info(uri);
  // The library marks what a URI leaves out by zeros.
  const auto is_given = [](const auto& text) { return std::ranges::any_of(text, [](auto c) { return c != 0; }); };
  return is_given(info->label) || is_given(info->serialNumber) || is_given(info->model) ||
         is_given(info->manufacturerID);
}

Expected<std::string> PinFileOf(const std::string& source, const std::string& credentials_folder) {
  constexpr std::string_view kFile = "file:";
  constexpr std::string_view kCredential = "credential:";
  if (source.empty()) return source;
  if (source.starts_with(kCredential)) {
    const std::string name = source.substr(kCredential.size());
    if (name.empty() || name.find('/') != std::string::npos) {
      return Fail(Code::kInvalid, fmt::format("pin-source={}: a credential's name has no slash", source));
    }
    if (credentials_folder.empty()) {
      return Fail(Code::kInvalid,
                  fmt::format("pin-source={}: there are no credentials, since $CREDENTIALS_DIRECTORY is not set; use "
                              "LoadCredential= in the systemd unit, or pin-source=file:/path",
                              source));
    }
    return credentials_folder + "/" + name;
  }
  std::string path = source.starts_with(kFile) ? source.substr(kFile.size()) : source;
  while (path.starts_with("//")) path.erase(0, 1);  // file:///path
  if (path.starts_with('/')) return path;
  return Fail(Code::kInvalid,
              fmt::format("pin-source={}: write file:/path, an absolute path, or credential:NAME", source));
}

}  // namespace

Expected<TokenUri> ParseTokenUri(const std::string& text, const std::string& credentials_folder) {
  const std::unique_ptr<P11KitUri, decltype(&p11_kit_uri_free)> uri(p11_kit_uri_new(), &p11_kit_uri_free);
  if (!uri) return Fail(Code::kExhausted, "no memory for a PKCS#11 URI");
  if (const int result = p11_kit_uri_parse(text.c_str(), P11_KIT_URI_FOR_ANY, uri.get()); result != P11_KIT_URI_OK) {
    return Fail(Code::kInvalid,
                fmt::format("it is no PKCS#11 URI (RFC 7512) such as pkcs11:token=NAME?module-path=/PATH.so&"
                            "pin-source=file:/PATH ({})",
                            TextOf(p11_kit_uri_message(result))));
  }
  if (p11_kit_uri_any_unrecognized(uri.get()) != 0) {
    return Fail(Code::kInvalid, "the PKCS#11 URI has an attribute that is not known; check its spelling");
  }
  if (p11_kit_uri_get_pin_value(uri.get()) != nullptr) {
    return Fail(Code::kInvalid,
                "a PIN does not belong into the URI: put it into a file and give pin-source=file:/PATH");
  }
  if (!NamesAToken(uri.get())) {
    return Fail(Code::kInvalid, "the PKCS#11 URI names no token: give token=LABEL, serial=… or both");
  }
  TokenUri parsed{.text = text, .module_path = TextOf(p11_kit_uri_get_module_path(uri.get())), .pin_file = {}};
  if (!parsed.module_path.starts_with('/')) {
    return Fail(Code::kInvalid, "the PKCS#11 URI names no module: give module-path=/PATH of the vendor's library");
  }
  ASSIGN_OR_RETURN(parsed.pin_file, PinFileOf(TextOf(p11_kit_uri_get_pin_source(uri.get())), credentials_folder));
  return parsed;
}

}  // namespace firmsign::pkcs11

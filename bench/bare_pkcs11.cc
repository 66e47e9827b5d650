// SPDX-License-Identifier: Apache-2.0

#include "bench/bare_pkcs11.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <array>

namespace firmsign::bench {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kSlotsMax = 64;
constexpr std::size_t kSignatureBytesMax = 512;
// What stands before a SHA-256 digest in a DigestInfo (RFC 8017 §9.2, note 1).
constexpr std::string_view kDigestInfo =
    "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"sv;

// PKCS#11 2.40 does not write what it declares without const.
unsigned char* Bytes(std::string_view text) { return reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())); }

Expected<void> Check(std::string_view call, CK_RV rv) {
  if (rv == CKR_OK) return {};
  return Fail(Code::kUnavailable, fmt::format("{}: 0x{:x}", call, rv));
}

// Labels are filled up with blanks.
bool IsCalled(const CK_TOKEN_INFO& info, std::string_view label) {
  std::string_view padded(reinterpret_cast<const char*>(info.label), sizeof info.label);
  return padded.substr(0, padded.find_last_not_of(' ') + 1) == label;
}

}  // namespace

Expected<std::unique_ptr<BareModule>> BareModule::Load(const std::string& path, const std::string& token,
                                                       const SecretBytes& pin) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return Fail(Code::kUnavailable, dlerror());
  const auto get_list = reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"));
  CK_FUNCTION_LIST* calls = nullptr;
  if (get_list == nullptr || get_list(&calls) != CKR_OK) return Fail(Code::kUnavailable, path + " is no module");
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  RETURN_IF_ERROR(Check("C_Initialize", calls->C_Initialize(&arguments)));
  std::unique_ptr<BareModule> module(new BareModule(calls));
  std::array<CK_SLOT_ID, kSlotsMax> slots{};
  CK_ULONG count = slots.size();
  RETURN_IF_ERROR(Check("C_GetSlotList", calls->C_GetSlotList(CK_TRUE, slots.data(), &count)));
  for (CK_ULONG i = 0; i < count; ++i) {
    CK_TOKEN_INFO info{};
    if (calls->C_GetTokenInfo(slots[i], &info) != CKR_OK || !IsCalled(info, token)) continue;
    module->slot_ = slots[i];
    // One login is that of all sessions, and ends with the last of them: this one stays open.
    ASSIGN_OR_RETURN(const CK_SESSION_HANDLE session, module->OpenSession());
    const std::string_view secret = pin.Reveal(SecretAccess("the benchmark logs in to its own token"));
    RETURN_IF_ERROR(Check("C_Login", calls->C_Login(session, CKU_USER, Bytes(secret), secret.size())));
    return module;
  }
  return Fail(Code::kUnavailable, "there is no token called " + token);
}

BareModule::~BareModule() { static_cast<void>(calls_->C_Finalize(nullptr)); }

Expected<CK_SESSION_HANDLE> BareModule::OpenSession() const {
  CK_SESSION_HANDLE session = 0;
  RETURN_IF_ERROR(Check("C_OpenSession", calls_->C_OpenSession(slot_, CKF_SERIAL_SESSION, nullptr, nullptr, &session)));
  return session;
}

Expected<std::unique_ptr<BarePkcs11>> BarePkcs11::Make(const BareModule& module, const std::string& key, bool is_rsa) {
  ASSIGN_OR_RETURN(const CK_SESSION_HANDLE session, module.OpenSession());
  std::unique_ptr<BarePkcs11> made(new BarePkcs11(module, session, is_rsa));
  RETURN_IF_ERROR(made->FindKey(key));
  made->signature_.resize(kSignatureBytesMax);
  return made;
}

BarePkcs11::~BarePkcs11() { static_cast<void>(calls_.C_CloseSession(session_)); }

Expected<void> BarePkcs11::FindKey(const std::string& label) {
  CK_OBJECT_CLASS key_class = CKO_PRIVATE_KEY;
  std::array<CK_ATTRIBUTE, 2> wanted{
      CK_ATTRIBUTE{.type = CKA_CLASS, .pValue = &key_class, .ulValueLen = sizeof key_class},
      CK_ATTRIBUTE{.type = CKA_LABEL, .pValue = Bytes(label), .ulValueLen = label.size()}};
  RETURN_IF_ERROR(Check("C_FindObjectsInit", calls_.C_FindObjectsInit(session_, wanted.data(), wanted.size())));
  CK_ULONG found = 0;
  RETURN_IF_ERROR(Check("C_FindObjects", calls_.C_FindObjects(session_, &key_, 1, &found)));
  RETURN_IF_ERROR(Check("C_FindObjectsFinal", calls_.C_FindObjectsFinal(session_)));
  if (found == 1) return {};
  return Fail(Code::kNotFound, "the token has no key called " + label);
}

Expected<std::string_view> BarePkcs11::Sign(std::string_view digest) {
  data_.assign(is_rsa_ ? kDigestInfo : std::string_view()).append(digest);
  CK_MECHANISM mechanism{.mechanism = is_rsa_ ? CKM_RSA_PKCS : CKM_ECDSA, .pParameter = nullptr, .ulParameterLen = 0};
  RETURN_IF_ERROR(Check("C_SignInit", calls_.C_SignInit(session_, &mechanism, key_)));
  CK_ULONG bytes = signature_.size();
  RETURN_IF_ERROR(Check("C_Sign", calls_.C_Sign(session_, Bytes(data_), data_.size(), Bytes(signature_), &bytes)));
  return std::string_view(signature_).substr(0, bytes);
}

}  // namespace firmsign::bench

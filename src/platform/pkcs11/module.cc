// SPDX-License-Identifier: Apache-2.0

#include "platform/pkcs11/module.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include <algorithm>
#include <array>
#include <utility>

namespace firmsign::pkcs11 {
namespace {

constexpr std::size_t kSlotsMax = 1024;
constexpr std::size_t kSignatureBytesMax = 2048;
constexpr int kSessionsTried = 3;

std::string NameOf(CK_RV rv) {
  const char* text = p11_kit_strerror(rv);
  return fmt::format("{} (0x{:x})", text == nullptr ? "" : text, rv);
}

// The session, or what hung on it, is gone; another one may work.
bool IsSessionLost(CK_RV rv) {
  switch (rv) {
    case CKR_SESSION_HANDLE_INVALID:
    case CKR_SESSION_CLOSED:
    case CKR_USER_NOT_LOGGED_IN:
    case CKR_KEY_HANDLE_INVALID:
    case CKR_OBJECT_HANDLE_INVALID:
    case CKR_OPERATION_ACTIVE:
    case CKR_OPERATION_NOT_INITIALIZED: return true;
    default: return false;
  }
}

Code CodeOf(CK_RV rv) {
  switch (rv) {
    case CKR_PIN_INCORRECT:
    case CKR_PIN_INVALID:
    case CKR_PIN_LEN_RANGE:
    case CKR_PIN_EXPIRED:
    case CKR_PIN_LOCKED:
    case CKR_USER_PIN_NOT_INITIALIZED: return Code::kDenied;
    case CKR_KEY_TYPE_INCONSISTENT:
    case CKR_KEY_FUNCTION_NOT_PERMITTED:
    case CKR_KEY_SIZE_RANGE:
    case CKR_MECHANISM_INVALID:
    case CKR_MECHANISM_PARAM_INVALID:
    case CKR_DATA_INVALID:
    case CKR_DATA_LEN_RANGE: return Code::kInvalid;
    case CKR_SESSION_COUNT: return Code::kExhausted;
    default: return Code::kUnavailable;
  }
}

std::unexpected<Failure> Failed(std::string_view call, CK_RV rv) {
  const Code code = CodeOf(rv);
  // Some modules find a token that was away only after they were initialised anew.
  const bool ends_worker = code == Code::kUnavailable && !IsSessionLost(rv);
  return std::unexpected(
      Failure{.code = code, .message = fmt::format("{}: {}", call, NameOf(rv)), .ends_worker = ends_worker});
}

std::unexpected<Failure> LostSession(std::string_view call, CK_RV rv) {
  return std::unexpected(
      Failure{.code = Code::kConflict, .message = fmt::format("{}: {}", call, NameOf(rv)), .ends_worker = false});
}

// Retried takes kConflict for "once more", the parent for "unavailable".
std::unexpected<Failure> FailedInSession(std::string_view call, CK_RV rv) {
  return IsSessionLost(rv) ? LostSession(call, rv) : Failed(call, rv);
}

unsigned char* Bytes(std::string_view text) {
  // PKCS#11 2.40 does not write what it declares without const.
  return reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
}

CK_ATTRIBUTE Attribute(CK_ATTRIBUTE_TYPE type, std::string_view value) {
  return {.type = type, .pValue = Bytes(value), .ulValueLen = value.size()};
}

CK_MECHANISM_TYPE MechanismOf(KeyType type) {
  switch (type) {
    case KeyType::kRsa: return CKM_RSA_PKCS;
    case KeyType::kEc: return CKM_ECDSA;
    case KeyType::kHmac: break;
  }
  return CKM_SHA256_HMAC;
}

// Its value lies, or is to be written, at `value`.
template <class T>
CK_ATTRIBUTE AttributeAt(CK_ATTRIBUTE_TYPE type, T& value) {
  return {.type = type, .pValue = &value, .ulValueLen = sizeof(T)};
}

}  // namespace

Outcome<std::unique_ptr<Module>> Module::Load(const std::string& path, const std::string& uri,
                                              std::optional<SecretBytes> pin) {
  const auto invalid = [](std::string message) {
    return std::unexpected(Failure{.code = Code::kInvalid, .message = std::move(message), .ends_worker = true});
  };
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return invalid(fmt::format("the module cannot be loaded: {}", dlerror()));
  const auto get_list = reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"));
  if (get_list == nullptr) return invalid(fmt::format("{} is no PKCS#11 module", path));
  CK_FUNCTION_LIST* calls = nullptr;
  if (const CK_RV rv = get_list(&calls); rv != CKR_OK || calls == nullptr) return Failed("C_GetFunctionList", rv);
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  const CK_RV rv = calls->C_Initialize(&arguments);
  if (rv != CKR_OK && rv != CKR_CRYPTOKI_ALREADY_INITIALIZED) return Failed("C_Initialize", rv);
  std::unique_ptr<Module> module(new Module(calls, std::move(pin)));
  RETURN_IF_ERROR(module->FindToken(uri));
  return module;
}

Outcome<void> Module::FindToken(const std::string& uri) {
  const std::unique_ptr<P11KitUri, decltype(&p11_kit_uri_free)> wanted(p11_kit_uri_new(), &p11_kit_uri_free);
  if (!wanted || p11_kit_uri_parse(uri.c_str(), P11_KIT_URI_FOR_ANY, wanted.get()) != P11_KIT_URI_OK) {
    return std::unexpected(Failure{.code = Code::kInvalid, .message = "it is no PKCS#11 URI", .ends_worker = true});
  }
  std::array<CK_SLOT_ID, kSlotsMax> slots{};
  CK_ULONG count = slots.size();
  if (const CK_RV rv = calls_->C_GetSlotList(CK_TRUE, slots.data(), &count); rv != CKR_OK) {
    return Failed("C_GetSlotList", rv);
  }
  int found = 0;
  for (CK_ULONG i = 0; i < count; ++i) {
    CK_TOKEN_INFO info{};
    if (calls_->C_GetTokenInfo(slots[i], &info) != CKR_OK) continue;
    if (p11_kit_uri_match_token_info(wanted.get(), &info) == 0) continue;
    slot_ = slots[i];
    ++found;
  }
  if (found == 1) return {};
  return std::unexpected(
      found == 0 ? Failure{.code = Code::kUnavailable,
                           .message = fmt::format("the module shows no such token now ({} others are there)", count),
                           .ends_worker = true}
                 : Failure{.code = Code::kInvalid,
                           .message = fmt::format("{} tokens fit the URI; add serial=…", found),
                           .ends_worker = true});
}

Outcome<void> Module::LogIn(CK_SESSION_HANDLE session, CK_USER_TYPE user) {
  if (!pin_) return {};
  // Not every module takes logins of several threads at once; and several that wait must not ask a wrong PIN in turn.
  const std::lock_guard lock(logging_in_);
  if (is_pin_refused_) return Failed("C_Login, before", CKR_PIN_INCORRECT);
  const std::string_view pin = pin_->Reveal(SecretAccess("to log in to the token"));
  const CK_RV rv = calls_->C_Login(session, user, Bytes(pin), pin.size());
  if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN) return {};
  is_pin_refused_ = CodeOf(rv) == Code::kDenied;
  return FailedInSession("C_Login", rv);
}

Outcome<void> Module::LogInForKey(CK_SESSION_HANDLE session) { return LogIn(session, CKU_CONTEXT_SPECIFIC); }

Outcome<CK_SESSION_HANDLE> Module::OpenSession() {
  CK_SESSION_HANDLE session = 0;
  if (const CK_RV rv = calls_->C_OpenSession(slot_, CKF_SERIAL_SESSION, nullptr, nullptr, &session); rv != CKR_OK) {
    return Failed("C_OpenSession", rv);
  }
  if (auto done = LogIn(session, CKU_USER); !done) {
    static_cast<void>(calls_->C_CloseSession(session));
    return std::unexpected(std::move(done).error());
  }
  return session;
}

template <class T, class Function>
Outcome<T> Session::Retried(Function function) {
  for (int attempt = 1;; ++attempt) {
    Outcome<T> done = [&]() -> Outcome<T> {
      if (!session_) {
        ASSIGN_OR_RETURN(session_, module_.OpenSession());
      }
      return function();
    }();
    if (done || done.error().code != Code::kConflict) {
      if (!done) Drop();
      return done;
    }
    Drop();
    if (attempt == kSessionsTried) {
      done.error().code = Code::kUnavailable;
      done.error().ends_worker = true;
      return done;
    }
  }
}

void Session::Drop() {
  if (session_) static_cast<void>(module_.calls().C_CloseSession(*session_));
  session_.reset();
  keys_.clear();
}

Outcome<std::string> Session::Sign(const KeyReference& key, std::string_view data) {
  return Retried<std::string>([&] { return SignOnce(key, data); });
}

Outcome<std::vector<KeyReference>> Session::List(const std::string& id, const std::string& label) {
  return Retried<std::vector<KeyReference>>([&] { return ListOnce(id, label); });
}

Outcome<std::vector<CK_OBJECT_HANDLE>> Session::FindObjects(CK_ATTRIBUTE* attributes, CK_ULONG count,
                                                            std::size_t objects_max) {
  const CK_FUNCTION_LIST& calls = module_.calls();
  if (const CK_RV rv = calls.C_FindObjectsInit(*session_, attributes, count); rv != CKR_OK) {
    return FailedInSession("C_FindObjectsInit", rv);
  }
  std::vector<CK_OBJECT_HANDLE> objects(objects_max);
  CK_ULONG found = 0;
  const CK_RV rv = calls.C_FindObjects(*session_, objects.data(), objects.size(), &found);
  const CK_RV final_rv = calls.C_FindObjectsFinal(*session_);
  if (rv != CKR_OK) return FailedInSession("C_FindObjects", rv);
  if (final_rv != CKR_OK) return FailedInSession("C_FindObjectsFinal", final_rv);
  objects.resize(std::min<std::size_t>(found, objects_max));
  return objects;
}

Outcome<Session::Key> Session::FindKey(const KeyReference& reference) {
  if (const auto kept = keys_.find(reference); kept != keys_.end()) return kept->second;
  CK_OBJECT_CLASS key_class = reference.type == KeyType::kHmac ? CKO_SECRET_KEY : CKO_PRIVATE_KEY;
  CK_KEY_TYPE type = reference.type == KeyType::kRsa ? CKK_RSA : CKK_EC;
  std::vector<CK_ATTRIBUTE> wanted{AttributeAt(CKA_CLASS, key_class)};
  // Tokens make keys for HMAC of several types.
  if (reference.type != KeyType::kHmac) wanted.push_back(AttributeAt(CKA_KEY_TYPE, type));
  if (!reference.id.empty()) wanted.push_back(Attribute(CKA_ID, reference.id));
  if (!reference.label.empty()) wanted.push_back(Attribute(CKA_LABEL, reference.label));
  ASSIGN_OR_RETURN(const std::vector<CK_OBJECT_HANDLE> objects, FindObjects(wanted.data(), wanted.size(), 2));
  if (objects.empty()) {
    // Some modules go on showing a token that was taken away, and all its keys as gone. A new process knows.
    if (module_.has_found_key()) {
      return std::unexpected(
          Failure{.code = Code::kUnavailable, .message = "the token has no such key any more", .ends_worker = true});
    }
    return std::unexpected(Failure{
        .code = Code::kNotFound,
        .message = fmt::format("the token has no such key{}{}", reference.label.empty() ? "" : ": ", reference.label),
        .ends_worker = false});
  }
  if (objects.size() > 1) {
    return std::unexpected(Failure{
        .code = Code::kInvalid, .message = "several keys of the token have this id and label", .ends_worker = false});
  }
  Key key{.handle = objects.front()};
  CK_BBOOL wants_pin = CK_FALSE;
  CK_ATTRIBUTE asked = AttributeAt(CKA_ALWAYS_AUTHENTICATE, wants_pin);
  // Modules of PKCS#11 before 2.20 do not know the attribute.
  const CK_RV rv = module_.calls().C_GetAttributeValue(*session_, key.handle, &asked, 1);
  if (IsSessionLost(rv)) return LostSession("C_GetAttributeValue", rv);
  key.wants_pin = rv == CKR_OK && wants_pin == CK_TRUE;
  keys_.emplace(reference, key);
  module_.has_found_key() = true;
  return key;
}

Outcome<std::string> Session::SignOnce(const KeyReference& reference, std::string_view data) {
  ASSIGN_OR_RETURN(const Key key, FindKey(reference));
  CK_MECHANISM mechanism{.mechanism = MechanismOf(reference.type), .pParameter = nullptr, .ulParameterLen = 0};
  const CK_FUNCTION_LIST& calls = module_.calls();
  if (const CK_RV rv = calls.C_SignInit(*session_, &mechanism, key.handle); rv != CKR_OK) {
    return FailedInSession("C_SignInit", rv);
  }
  if (key.wants_pin) RETURN_IF_ERROR(module_.LogInForKey(*session_));
  std::array<unsigned char, kSignatureBytesMax> signature;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  CK_ULONG bytes = signature.size();
  const CK_RV rv = calls.C_Sign(*session_, Bytes(data), data.size(), signature.data(), &bytes);
  if (rv != CKR_OK) return FailedInSession("C_Sign", rv);
  if (bytes > signature.size()) {
    return std::unexpected(Failure{
        .code = Code::kUnavailable, .message = "C_Sign: the signature is longer than its place", .ends_worker = true});
  }
  return std::string(signature.begin(), signature.begin() + static_cast<std::ptrdiff_t>(bytes));
}

std::optional<KeyReference> Session::Describe(CK_OBJECT_HANDLE object) const {
  CK_KEY_TYPE type = 0;
  std::array<char, kKeyNameBytesMax> id{};
  std::array<char, kKeyNameBytesMax> label{};
  std::array<CK_ATTRIBUTE, 3> asked{AttributeAt(CKA_KEY_TYPE, type), AttributeAt(CKA_ID, id),
                                    AttributeAt(CKA_LABEL, label)};
  const CK_RV rv = module_.calls().C_GetAttributeValue(*session_, object, asked.data(), asked.size());
  if (rv != CKR_OK || (type != CKK_RSA && type != CKK_EC)) return std::nullopt;
  const auto is_good = [](const CK_ATTRIBUTE& attribute) { return attribute.ulValueLen <= kKeyNameBytesMax; };
  if (!is_good(asked[1]) || !is_good(asked[2])) return std::nullopt;
  return KeyReference{.type = type == CKK_RSA ? KeyType::kRsa : KeyType::kEc,
                      .id = std::string(id.data(), asked[1].ulValueLen),
                      .label = std::string(label.data(), asked[2].ulValueLen)};
}

Outcome<std::vector<KeyReference>> Session::ListOnce(const std::string& id, const std::string& label) {
  CK_OBJECT_CLASS key_class = CKO_PRIVATE_KEY;
  std::vector<CK_ATTRIBUTE> wanted{AttributeAt(CKA_CLASS, key_class)};
  if (!id.empty()) wanted.push_back(Attribute(CKA_ID, id));
  if (!label.empty()) wanted.push_back(Attribute(CKA_LABEL, label));
  ASSIGN_OR_RETURN(const std::vector<CK_OBJECT_HANDLE> objects,
                   FindObjects(wanted.data(), wanted.size(), kKeysListedMax));
  std::vector<KeyReference> keys;
  for (const CK_OBJECT_HANDLE object : objects) {
    if (auto key = Describe(object)) keys.push_back(*std::move(key));
  }
  return keys;
}

}  // namespace firmsign::pkcs11

// SPDX-License-Identifier: Apache-2.0
//
// A PKCS#11 module of a token called "faulty", which fails on purpose. Environment:
//
//   FAULTY_KEYS    PEM files of its keys, separated by colons; their labels are key1, key2, …, their ids 01, 02, …
//   FAULTY_SECRET  of its secret key with the label master, which makes HMACs; empty: it has none
//   FAULTY_PIN     a file with the right PIN
//   FAULTY_LOGINS  a file to which each login with a wrong PIN adds a byte
//   FAULTY_ALWAYS  if set: keys want the PIN before each signature (CKA_ALWAYS_AUTHENTICATE)
//   FAULTY_AWAY    a file: while it is there, the token is not
//   FAULTY_STALL   a file that C_Initialize makes, and then never returns
//   FAULTY_FORK    a folder: while it is there, so is a process that C_Initialize forked
//   FAULTS         "crash=1,hang=1,lost=20,removed=1,length=20,flip=20": how many of 10,000 signatures end so
//
// lost: every session of the process is. removed: the token is, for this process. length and flip: the signature is a
// byte short or long, or has a wrong bit.

#include <p11-kit/pkcs11.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "platform/crypto/ecdsa.h"
#include "platform/crypto/key.h"
#include "platform/crypto/seal.h"

namespace {

using firmsign::crypto::Hash;
using firmsign::crypto::KeyType;
using firmsign::crypto::PrivateKey;

constexpr CK_OBJECT_HANDLE kSecretKey = 1000;  // beyond those of FAULTY_KEYS

struct Session {
  bool is_signing = false;
  bool has_pin = false;  // since C_SignInit
  std::size_t key = 0;
  std::vector<CK_OBJECT_HANDLE> found;
};

struct State {
  std::mutex mutex;
  std::vector<PrivateKey> keys;
  std::map<CK_SESSION_HANDLE, Session> sessions;
  CK_SESSION_HANDLE next_session = 1;
  bool is_logged_in = false;
  bool is_removed = false;
  std::map<std::string, unsigned> faults;
};

State& TheState() {
  static State state;
  return state;
}

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

bool IsAway() {
  const std::string path = Variable("FAULTY_AWAY");
  return TheState().is_removed || (!path.empty() && access(path.c_str(), F_OK) == 0);
}

std::uint64_t DrawNumber() {
  std::array<unsigned char, sizeof(std::uint64_t)> bytes{};
  firmsign::crypto::SystemRandom().Fill(bytes);
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data(), bytes.size());
  return number;
}

// Draws the fault of one signature; empty: none.
std::string Draw(State& state) {
  unsigned drawn = static_cast<unsigned>(DrawNumber() % 10'000);
  for (const auto& [name, share] : state.faults) {
    if (drawn < share) return name;
    drawn -= share;
  }
  return "";
}

Hash HashOfLength(std::size_t bytes) {
  switch (bytes) {
    case 20: return Hash::kSha1;
    case 48: return Hash::kSha384;
    case 64: return Hash::kSha512;
    default: return Hash::kSha256;
  }
}

std::string SignRaw(const PrivateKey& key, std::string_view data) {
  if (key.kind().type == KeyType::kRsa) {
    // A DigestInfo of SHA-1 has 15 bytes before the digest, one of SHA-2 19.
    const std::size_t digest_bytes = data.size() == 35 ? 20 : data.size() - 19;
    const std::string_view digest = data.substr(data.size() - digest_bytes);
    return key.SignDigest(HashOfLength(digest_bytes), digest).value_or("");
  }
  const auto der = key.SignDigest(HashOfLength(data.size()), data);
  return der ? firmsign::crypto::EcdsaDerToRaw(*der, static_cast<std::size_t>((key.kind().bits + 7) / 8)).value_or("")
             : "";
}

std::string LabelOf(std::size_t index) { return "key" + std::to_string(index + 1); }
std::string IdOf(std::size_t index) { return std::string(1, static_cast<char>(index + 1)); }

void ForkWhileThereIs(const std::string& folder) {
  if (fork() != 0) return;
  constexpr unsigned kSecondsMax = 600;
  alarm(kSecondsMax);
  while (access(folder.c_str(), F_OK) == 0) usleep(1000);
  _exit(0);
}

CK_RV Initialize(void*) {
  if (const std::string stall = Variable("FAULTY_STALL"); !stall.empty()) {
    std::ofstream(stall) << "x";
    while (true) pause();
  }
  if (const std::string folder = Variable("FAULTY_FORK"); !folder.empty()) ForkWhileThereIs(folder);
  State& state = TheState();
  for (const std::string& path : Split(Variable("FAULTY_KEYS"), ':')) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    auto key = PrivateKey::FromPem(firmsign::SecretBytes(text.str()));
    if (!key) return CKR_FUNCTION_FAILED;
    state.keys.push_back(*std::move(key));
  }
  for (const std::string& fault : Split(Variable("FAULTS"), ',')) {
    const std::size_t equals = fault.find('=');
    state.faults[fault.substr(0, equals)] = static_cast<unsigned>(std::atoi(fault.c_str() + equals + 1));
  }
  return CKR_OK;
}

CK_RV GetSlotList(unsigned char, CK_SLOT_ID* slots, CK_ULONG* count) {
  *count = IsAway() ? 0 : 1;
  if (slots != nullptr) slots[0] = 7;
  return CKR_OK;
}

CK_RV GetTokenInfo(CK_SLOT_ID, CK_TOKEN_INFO* info) {
  std::memset(info, ' ', sizeof(*info));
  std::ranges::copy(std::string_view("faulty"), info->label);
  info->flags = CKF_TOKEN_INITIALIZED | CKF_LOGIN_REQUIRED;
  return CKR_OK;
}

CK_RV OpenSession(CK_SLOT_ID, CK_FLAGS, void*, CK_NOTIFY, CK_SESSION_HANDLE* session) {
  State& state = TheState();
  const std::lock_guard lock(state.mutex);
  if (IsAway()) return CKR_DEVICE_REMOVED;
  *session = state.next_session++;
  state.sessions[*session] = {};
  return CKR_OK;
}

CK_RV CloseSession(CK_SESSION_HANDLE session) {
  State& state = TheState();
  const std::lock_guard lock(state.mutex);
  return state.sessions.erase(session) == 1 ? CKR_OK : CKR_SESSION_HANDLE_INVALID;
}

CK_RV Login(CK_SESSION_HANDLE handle, CK_USER_TYPE user, unsigned char* pin, CK_ULONG bytes) {
  State& state = TheState();
  const std::lock_guard lock(state.mutex);
  const auto session = state.sessions.find(handle);
  if (session == state.sessions.end()) return CKR_SESSION_HANDLE_INVALID;
  std::string right;
  std::ifstream(Variable("FAULTY_PIN")) >> right;
  if (std::string_view(reinterpret_cast<char*>(pin), bytes) != right) {
    std::ofstream(Variable("FAULTY_LOGINS"), std::ios::app) << 'x';
    return CKR_PIN_INCORRECT;
  }
  if (user == CKU_CONTEXT_SPECIFIC) {
    session->second.has_pin = true;
    return CKR_OK;
  }
  if (state.is_logged_in) return CKR_USER_ALREADY_LOGGED_IN;
  state.is_logged_in = true;
  return CKR_OK;
}

bool IsSecret(const CK_ATTRIBUTE& wanted) {
  CK_OBJECT_CLASS wanted_class = 0;
  if (wanted.type == CKA_CLASS) std::memcpy(&wanted_class, wanted.pValue, sizeof(wanted_class));
  return wanted_class == CKO_SECRET_KEY;
}

bool IsOtherLabel(const CK_ATTRIBUTE& wanted) {
  return wanted.type == CKA_LABEL &&
         std::string_view(static_cast<const char*>(wanted.pValue), wanted.ulValueLen) != "master";
}

bool Matches(std::size_t index, const CK_ATTRIBUTE& wanted) {
  const std::string_view value(static_cast<const char*>(wanted.pValue), wanted.ulValueLen);
  if (wanted.type == CKA_LABEL) return value == LabelOf(index);
  if (wanted.type == CKA_ID) return value == IdOf(index);
  if (wanted.type != CKA_KEY_TYPE) return true;
  CK_KEY_TYPE type = 0;
  std::memcpy(&type, wanted.pValue, sizeof(type));
  return type == (TheState().keys[index].kind().type == KeyType::kRsa ? CKK_RSA : CKK_EC);
}

CK_RV FindObjectsInit(CK_SESSION_HANDLE handle, CK_ATTRIBUTE* wanted, CK_ULONG count) {
  State& state = TheState();
  const std::lock_guard lock(state.mutex);
  const auto session = state.sessions.find(handle);
  if (session == state.sessions.end()) return CKR_SESSION_HANDLE_INVALID;
  if (std::any_of(wanted, wanted + count, IsSecret)) {
    const bool is_there = !Variable("FAULTY_SECRET").empty() && std::none_of(wanted, wanted + count, IsOtherLabel);
    if (is_there) session->second.found.push_back(kSecretKey);
    return CKR_OK;
  }
  for (std::size_t i = 0; i < state.keys.size(); ++i) {
    if (std::all_of(wanted, wanted + count, [&](const CK_ATTRIBUTE& one) { return Matches(i, one); })) {
      session->second.found.push_back(i + 1);
    }
  }
  return CKR_OK;
}

CK_RV FindObjects(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE* objects, CK_ULONG most, CK_ULONG* count) {
  State& state = TheState();
  const std::lock_guard lock(state.mutex);
  const auto session = state.sessions.find(handle);
  if (session == state.sessions.end()) return CKR_SESSION_HANDLE_INVALID;
  *count = std::min<CK_ULONG>(most, session->second.found.size());
  std::copy_n(session->second.found.begin(), *count, objects);
  return CKR_OK;
}

CK_RV FindObjectsFinal(CK_SESSION_HANDLE handle) {
  State& state = TheState();
  const std::lock_guard lock(state.mutex);
  const auto session = state.sessions.find(handle);
  if (session == state.sessions.end()) return CKR_SESSION_HANDLE_INVALID;
  session->second.found.clear();
  return CKR_OK;
}

CK_RV GetAttributeValue(CK_SESSION_HANDLE, CK_OBJECT_HANDLE object, CK_ATTRIBUTE* asked, CK_ULONG count) {
  State& state = TheState();
  const std::lock_guard lock(state.mutex);
  if (object == kSecretKey) return CKR_ATTRIBUTE_TYPE_INVALID;
  for (CK_ATTRIBUTE* one = asked; one != asked + count; ++one) {
    std::string value;
    const CK_KEY_TYPE type = state.keys[object - 1].kind().type == KeyType::kRsa ? CKK_RSA : CKK_EC;
    if (one->type == CKA_KEY_TYPE) value.assign(reinterpret_cast<const char*>(&type), sizeof(type));
    if (one->type == CKA_ID) value = IdOf(object - 1);
    if (one->type == CKA_LABEL) value = LabelOf(object - 1);
    if (one->type == CKA_ALWAYS_AUTHENTICATE) value.assign(1, Variable("FAULTY_ALWAYS").empty() ? '\0' : '\1');
    std::memcpy(one->pValue, value.data(), value.size());
    one->ulValueLen = value.size();
  }
  return CKR_OK;
}

CK_RV SignInit(CK_SESSION_HANDLE handle, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  State& state = TheState();
  const std::lock_guard lock(state.mutex);
  const auto session = state.sessions.find(handle);
  if (session == state.sessions.end()) return CKR_SESSION_HANDLE_INVALID;
  if (session->second.is_signing) return CKR_OPERATION_ACTIVE;
  if (key != kSecretKey && (key == 0 || key > state.keys.size())) return CKR_KEY_HANDLE_INVALID;
  const auto right = [&]() -> CK_MECHANISM_TYPE {
    if (key == kSecretKey) return CKM_SHA256_HMAC;
    return state.keys[key - 1].kind().type == KeyType::kRsa ? CKM_RSA_PKCS : CKM_ECDSA;
  };
  if (mechanism->mechanism != right()) return CKR_KEY_TYPE_INCONSISTENT;
  session->second = {.is_signing = true, .has_pin = Variable("FAULTY_ALWAYS").empty(), .key = key - 1, .found = {}};
  return CKR_OK;
}

CK_RV Sign(CK_SESSION_HANDLE handle, unsigned char* data, CK_ULONG data_bytes, unsigned char* out, CK_ULONG* bytes) {
  State& state = TheState();
  std::unique_lock lock(state.mutex);
  if (IsAway()) return CKR_DEVICE_REMOVED;
  const auto session = state.sessions.find(handle);
  if (session == state.sessions.end()) return CKR_SESSION_HANDLE_INVALID;
  if (!session->second.is_signing) return CKR_OPERATION_NOT_INITIALIZED;
  session->second.is_signing = false;
  if (!session->second.has_pin) return CKR_USER_NOT_LOGGED_IN;
  const std::string fault = Draw(state);
  const std::size_t key = session->second.key;
  if (fault == "crash") kill(getpid(), SIGKILL);
  if (fault == "lost") {
    state.sessions.clear();
    state.is_logged_in = false;
    return CKR_SESSION_HANDLE_INVALID;
  }
  if (fault == "removed") {
    state.is_removed = true;
    return CKR_DEVICE_REMOVED;
  }
  const std::size_t bit = DrawNumber();
  lock.unlock();
  while (fault == "hang") pause();
  const std::string_view text(reinterpret_cast<char*>(data), data_bytes);
  std::string signature = key + 1 == kSecretKey ? firmsign::crypto::Hmac(Hash::kSha256, Variable("FAULTY_SECRET"), text)
                                                : SignRaw(state.keys[key], text);
  if (fault == "length") bit % 2 == 0 ? signature.pop_back() : signature.push_back('\0');
  if (fault == "flip") signature[bit / 8 % signature.size()] ^= static_cast<char>(1 << bit % 8);
  if (signature.empty() || signature.size() > *bytes) return CKR_FUNCTION_FAILED;
  std::ranges::copy(signature, out);
  *bytes = signature.size();
  return CKR_OK;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST** list) {
  static CK_FUNCTION_LIST calls = [] {
    CK_FUNCTION_LIST made{};
    made.version = {.major = 2, .minor = 40};
    made.C_Initialize = &Initialize;
    made.C_GetSlotList = &GetSlotList;
    made.C_GetTokenInfo = &GetTokenInfo;
    made.C_OpenSession = &OpenSession;
    made.C_CloseSession = &CloseSession;
    made.C_Login = &Login;
    made.C_FindObjectsInit = &FindObjectsInit;
    made.C_FindObjects = &FindObjects;
    made.C_FindObjectsFinal = &FindObjectsFinal;
    made.C_GetAttributeValue = &GetAttributeValue;
    made.C_SignInit = &SignInit;
    made.C_Sign = &Sign;
    return made;
  }();
  *list = &calls;
  return CKR_OK;
}

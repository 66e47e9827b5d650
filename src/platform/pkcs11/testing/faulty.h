// SPDX-License-Identifier: Apache-2.0
//
// Tokens of the module that fails on purpose (faulty_token.cc), for tests.

#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>

#include "platform/pkcs11/token.h"

namespace firmsign::pkcs11::testing {

// A folder with the PIN, and the environment of the module's workers. Confined to one thread while it is made.
class Faulty {
 public:
  explicit Faulty(const std::map<std::string, std::string>& pem_keys, const std::string& faults = "") {
    char name[] = "/tmp/faulty-XXXXXX";
    folder_ = mkdtemp(name);
    WritePin("1234\n");
    std::string paths;
    for (const auto& [file, pem] : pem_keys) {
      std::ofstream(folder_ + "/" + file) << pem;
      paths += (paths.empty() ? "" : ":") + folder_ + "/" + file;
    }
    ChangePinOfToken("1234");
    Set("FAULTY_KEYS", paths);
    Set("FAULTY_PIN", folder_ + "/right_pin");
    Set("FAULTS", faults);
    Set("FAULTY_LOGINS", folder_ + "/logins");
    Set("FAULTY_AWAY", folder_ + "/away");
    Set("FAULTY_ALWAYS", "");
    Set("FAULTY_FORK", "");
    Set("FAULTY_SECRET", "a secret key of the token");
  }
  ~Faulty() { std::filesystem::remove_all(folder_); }
  Faulty(const Faulty&) = delete;
  Faulty& operator=(const Faulty&) = delete;

  static void Set(const char* name, const std::string& value) { setenv(name, value.c_str(), 1); }

  void WritePin(const std::string& text) const {
    std::ofstream(folder_ + "/pin") << text;
    std::filesystem::permissions(folder_ + "/pin", std::filesystem::perms(0600));
  }
  void ChangePinOfToken(const std::string& pin) const { std::ofstream(folder_ + "/right_pin") << pin; }
  std::size_t WrongLogins() const {
    std::error_code absent;
    const auto size = std::filesystem::file_size(folder_ + "/logins", absent);
    return absent ? 0 : size;
  }
  void TakeAway() const { std::ofstream(folder_ + "/away") << "x"; }
  void PutBack() const { std::filesystem::remove(folder_ + "/away"); }
  const std::string& folder() const { return folder_; }

  TokenOptions Options() const {
    return {.name = "test",
            .uri = {.text = "pkcs11:token=faulty", .module_path = FIRMSIGN_FAULTY_TOKEN, .pin_file = folder_ + "/pin"},
            .answer_max = std::chrono::milliseconds(10'000),
            .pause_min = std::chrono::milliseconds(0),
            .pause_max = std::chrono::milliseconds(0),
            .environment = {"FAULTY_KEYS", "FAULTS", "FAULTY_PIN", "FAULTY_LOGINS", "FAULTY_AWAY", "FAULTY_ALWAYS",
                            "FAULTY_SECRET", "FAULTY_FORK"},
            .command = {FIRMSIGN_TOKEN_WORKER}};
  }
  std::shared_ptr<Token> Make() const { return std::make_shared<Token>(Options()); }

 private:
  std::string folder_;
};

}  // namespace firmsign::pkcs11::testing

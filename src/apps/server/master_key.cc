// SPDX-License-Identifier: Apache-2.0

#include "apps/server/master_key.h"

#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <utility>

#include "apps/server/fact_store.h"
#include "platform/crypto/seal.h"
#include "platform/files/file.h"

namespace firmsign::server {
namespace {

constexpr std::size_t kKeyFileBytesMax = 4096;
constexpr SecretAccess kFileAccess("to read and write the master key's file");

// True: the file was made; false: it was there, or another process has made it meanwhile.
Expected<bool> MakeFile(const std::string& path, const SecretBytes& line, Random& random) {
  const std::string draft = fmt::format("{}.{}", path, MakeUuid(random));
  RETURN_IF_ERROR(files::WriteFileAtomically(draft, line.Reveal(kFileAccess)));
  const auto linked = files::LinkDurably(draft, path);
  RETURN_IF_ERROR(files::RemoveFile(draft));
  if (!linked && linked.error().code != Code::kConflict) return std::unexpected(linked.error());
  return linked.has_value();
}

Expected<void> WriteLines(const std::string& path, std::span<const SecretBytes> lines) {
  std::string text;
  text.reserve(kKeyFileBytesMax);  // so that no copy is left behind unwiped
  for (const SecretBytes& line : lines) text += line.Reveal(kFileAccess);
  auto written = text.size() > kKeyFileBytesMax
                     ? Fail(Code::kInvalid, fmt::format("{} holds too many keys: remove those that open nothing", path))
                     : files::WriteFileAtomically(path, text);
  Wipe(text);
  return written;
}

bool IsSame(const SecretBytes& a, const SecretBytes& b) {
  return ConstantTimeEquals(a.Reveal(kFileAccess), b.Reveal(kFileAccess));
}

SecretBytes NewLine(const SecretBytes& key) { return SecretBytes(keys::FormatMasterKey(key)); }

}  // namespace

MasterKeyFile::MasterKeyFile(const Options& options, const std::string& folder)
    : path_(options.master_key_file.empty() ? folder + "/master.key" : options.master_key_file) {
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  if (!options.master_key_file.empty() || credentials == nullptr) return;
  std::string path = std::string(credentials) + "/firmsign-master-key";
  is_credential_ = files::Exists(path);
  if (is_credential_) path_ = std::move(path);
}

bool MasterKeyFile::Exists() const { return files::Exists(path_); }

Expected<bool> MasterKeyFile::Make() const {
  Random& random = crypto::SystemRandom();
  return MakeFile(path_, NewLine(keys::MakeMasterKey(random)), random);
}

Expected<std::vector<SecretBytes>> MasterKeyFile::Lines() const {
  ASSIGN_OR_RETURN(std::string text, files::ReadWholeFile(path_, kKeyFileBytesMax));
  std::vector<SecretBytes> lines;
  bool is_good = true;
  for (std::size_t begin = 0; begin < text.size() && is_good;) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const SecretBytes line(text.substr(begin, end - begin));
    begin = end + 1;
    const auto key = keys::ParseMasterKey(line);
    is_good = key.has_value();
    if (is_good) lines.push_back(NewLine(*key));
  }
  Wipe(text);
  if (is_good && !lines.empty()) return lines;
  return Fail(Code::kInvalid, fmt::format("{}: {}", path_, keys::kMasterKeyForm));
}

Expected<std::unique_ptr<keys::Keyring>> MasterKeyFile::Unwrap(const std::string& wrapped, Random& random) const {
  ASSIGN_OR_RETURN(const std::vector<SecretBytes> lines, Lines());
  Expected<std::unique_ptr<keys::Keyring>> keyring;
  for (const SecretBytes& line : lines) {
    ASSIGN_OR_RETURN(const SecretBytes key, keys::ParseMasterKey(line));
    keyring = keys::Keyring::Unwrap(key, wrapped, random);
    if (keyring) break;
  }
  return keyring;
}

Expected<SecretBytes> MasterKeyFile::First() const {
  ASSIGN_OR_RETURN(const std::vector<SecretBytes> lines, Lines());
  return keys::ParseMasterKey(lines.front());
}

Expected<void> MasterKeyFile::Prepend(const SecretBytes& line) const {
  std::vector<SecretBytes> lines;
  if (Exists()) {
    ASSIGN_OR_RETURN(lines, Lines());
  }
  if (!lines.empty() && IsSame(lines.front(), line)) return {};
  lines.insert(lines.begin(), line);
  return WriteLines(path_, lines);
}

Expected<void> MasterKeyFile::Retire(const SecretBytes& line, const std::string& previous) const {
  ASSIGN_OR_RETURN(const std::vector<SecretBytes> lines, Lines());
  if (lines.size() < 2 || !IsSame(lines.front(), line)) return {};
  RETURN_IF_ERROR(WriteLines(previous, std::span(lines).subspan(1)));
  return WriteLines(path_, std::span(lines).first(1));
}

std::string MasterKeys::NameForPrevious() const {
  const std::string name = fmt::format("{}.{}", file_.path(), FormatBasicIso8601(database_.Now()));
  std::string free = name;
  for (int i = 2; files::Exists(free); ++i) free = fmt::format("{}-{}", name, i);
  return free;
}

Expected<ports::RotatedMasterKey> MasterKeys::Rotate(const std::string& to, const ports::AlsoRotate& also) {
  if (to.empty() && file_.is_credential()) {
    return Fail(Code::kInvalid,
                fmt::format("The master key is a credential of systemd, {}, which a service cannot change: name a new "
                            "file with --to FILE, and make it the credential before the next start.",
                            file_.path()));
  }
  const SecretBytes key = keys::MakeMasterKey(random_);
  const SecretBytes line = NewLine(key);
  const std::string wrapped = keyring_.Wrap(key);
  const ports::RotatedMasterKey rotated{.file = to.empty() ? file_.path() : to,
                                        .previous_file = to.empty() ? NameForPrevious() : ""};
  if (!to.empty()) {
    ASSIGN_OR_RETURN(const bool is_new, MakeFile(to, line, random_));
    if (!is_new) return Fail(Code::kInvalid, fmt::format("{} is there already: name a new file.", to));
  }
  RETURN_IF_ERROR(database_.InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(LockWrappedKey(transaction));
    if (to.empty()) RETURN_IF_ERROR(file_.Prepend(line));
    RETURN_IF_ERROR(ReplaceWrappedKey(transaction, wrapped, database_.Now()));
    return also(transaction, rotated);
  }));
  if (!to.empty()) return rotated;
  const auto retired = database_.InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    ASSIGN_OR_RETURN(const std::string present, LockWrappedKey(transaction));
    return present == wrapped ? file_.Retire(line, rotated.previous_file) : Expected<void>();
  });
  if (retired) return rotated;
  return Fail(retired.error().code,
              fmt::format("the new master key counts, but {} still holds the one before it, too: {}. Rotate again.",
                          file_.path(), retired.error().message));
}

}  // namespace firmsign::server

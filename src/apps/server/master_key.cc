// SPDX-License-Identifier: Apache-2.0

#include "apps/server/master_key.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "apps/server/tokens.h"
#include "platform/crypto/seal.h"
#include "platform/files/file.h"
#include "platform/telemetry/log.h"

namespace firmsign::server {
namespace {

constexpr std::size_t kKeyFileBytesMax = 4096;
constexpr SecretAccess kFileAccess("to read and write the master key's file");

// Gives `draft` the name `path` unless that is taken; whether it did. The draft is gone afterwards.
Expected<bool> NameExclusively(const std::string& draft, const std::string& path) {
  const auto linked = files::LinkDurably(draft, path);
  RETURN_IF_ERROR(files::RemoveFile(draft));
  if (!linked && linked.error().code != Code::kConflict) return std::unexpected(linked.error());
  return linked.has_value();
}

Expected<bool> MakeExclusively(const std::string& path, const SecretBytes& line, Random& random) {
  const std::string draft = fmt::format("{}.{}", path, MakeUuid(random));
  RETURN_IF_ERROR(files::WriteFileAtomically(draft, line.Reveal(kFileAccess)));
  return NameExclusively(draft, path);
}

bool IsSame(const SecretBytes& a, const SecretBytes& b) {
  return ConstantTimeEquals(a.Reveal(kFileAccess), b.Reveal(kFileAccess));
}

// A line `token:NAME:LABEL:SHARE`.
constexpr std::string_view kTokenPrefix = "token:";
struct TokenLine {
  std::string token;
  std::string label;
  SecretBytes share;
};

std::optional<TokenLine> ParseTokenLine(std::string_view line) {
  if (!line.starts_with(kTokenPrefix)) return std::nullopt;
  line.remove_prefix(kTokenPrefix.size());
  const std::size_t first = line.find(':');
  const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  auto share = keys::ParseMasterKey(SecretBytes(std::string(line.substr(second + 1))));
  if (!share) return std::nullopt;
  return TokenLine{.token = std::string(line.substr(0, first)),
                   .label = std::string(line.substr(first + 1, second - first - 1)),
                   .share = *std::move(share)};
}

SecretBytes FormatTokenLine(const std::string& token, const std::string& label, const SecretBytes& share) {
  return SecretBytes(fmt::format("{}{}:{}:{}", kTokenPrefix, token, label, keys::FormatMasterKey(share)));
}

}  // namespace

bool IsWrappedBy(const MasterKey& key, const KeyFacts& facts) {
  return keys::Keyring::Unwrap(key.key, facts.wrapped_key, crypto::SystemRandom()).has_value();
}

MasterKeyFile::MasterKeyFile(const Options& options, const std::string& folder)
    : path_(options.master_key_file.empty() ? folder + "/master.key" : options.master_key_file),
      pkcs11_(options.pkcs11) {
  // It is asked twice, and not again.
  pkcs11_.workers = 1;
  pkcs11_.sessions = 1;
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  if (options.master_key_file.empty() && credentials != nullptr) {
    std::string path = std::string(credentials) + "/firmsign-master-key";
    is_credential_ = files::Exists(path);
    if (is_credential_) path_ = std::move(path);
  }
  std::error_code failed;
  if (!std::filesystem::is_symlink(path_, failed)) return;
  const std::filesystem::path target = std::filesystem::canonical(path_, failed);
  if (!failed) path_ = target.string();
}

bool MasterKeyFile::Exists(const KeyFacts& facts) const {
  return files::Exists(path_) || (!facts.master_key_id.empty() && files::Exists(PathOf(facts.master_key_id)));
}

Expected<bool> MasterKeyFile::Make() const {
  Random& random = crypto::SystemRandom();
  return MakeExclusively(path_, SecretBytes(keys::FormatMasterKey(keys::MakeMasterKey(random))), random);
}

Expected<SecretBytes> MasterKeyFile::Derive(const std::string& token, const std::string& label,
                                            const SecretBytes& share) const {
  ASSIGN_OR_RETURN(const keys::Tokens tokens, MakeTokens(pkcs11_));
  auto found = tokens.Find(token);
  auto key = found ? keys::DeriveMasterKey(*found, label, share) : std::unexpected(std::move(found).error());
  if (key) return key;
  return Fail(key.error().code,
              fmt::format("the master key wants the token {} and its key {}: {}", token, label, key.error().message));
}

Expected<MasterKey> MasterKeyFile::ReadFrom(const std::string& path) const {
  ASSIGN_OR_RETURN(std::string text, files::ReadWholeFile(path, kKeyFileBytesMax));
  const SecretBytes line(std::move(text));
  const auto token = ParseTokenLine(line.Reveal(kFileAccess));
  auto key = token ? Derive(token->token, token->label, token->share) : keys::ParseMasterKey(line);
  if (!key) return Fail(key.error().code, fmt::format("{}: {}", path, key.error().message));
  std::string id = keys::MasterKeyId(*key);
  return MasterKey{.line = line, .key = *std::move(key), .id = std::move(id)};
}

Expected<MasterKey> MasterKeyFile::Find(const KeyFacts& facts) const {
  const std::string& id = facts.master_key_id;
  std::string held = "is not there";
  std::optional<Error> unreadable;  // says more than that a key does not fit
  for (const std::string& path : {path_, PathOf(id)}) {
    if ((path != path_ && id.empty()) || !files::Exists(path)) continue;
    auto key = ReadFrom(path);
    if (key && IsWrappedBy(*key, facts)) return key;
    if (!key && !unreadable) unreadable = key.error();
    if (key && path == path_) held = "holds " + key->id;
  }
  if (unreadable) return std::unexpected(*std::move(unreadable));
  return Fail(Code::kConflict,
              fmt::format("the deployment was made with the master key {}{}, and {} {}", id.empty() ? "of another" : id,
                          facts.changed_at.empty() ? "" : " of " + facts.changed_at, path_, held));
}

Expected<void> MasterKeyFile::Mend(const MasterKey& key) const {
  if (files::Exists(path_)) {
    ASSIGN_OR_RETURN(const MasterKey held, Read());
    if (held.id == key.id) return {};
    RETURN_IF_ERROR(Keep(held));
  }
  return Replace(key);
}

Expected<MasterKey> MasterKeyFile::New(const ports::MasterKeyPlace& place, Random& random) const {
  SecretBytes bytes = keys::MakeMasterKey(random);
  if (place.token.empty()) {
    SecretBytes line(keys::FormatMasterKey(bytes));
    std::string id = keys::MasterKeyId(bytes);
    return MasterKey{.line = std::move(line), .key = std::move(bytes), .id = std::move(id)};
  }
  ASSIGN_OR_RETURN(SecretBytes key, Derive(place.token, place.key_label, bytes));
  std::string id = keys::MasterKeyId(key);
  return MasterKey{
      .line = FormatTokenLine(place.token, place.key_label, bytes), .key = std::move(key), .id = std::move(id)};
}

// A new file with the key, for the users who may open FILE; its path.
Expected<std::string> MasterKeyFile::WriteDraft(const MasterKey& key) const {
  std::string draft = fmt::format("{}.{}", PathOf(key.id), MakeUuid(crypto::SystemRandom()));
  RETURN_IF_ERROR(files::WriteFileAtomically(draft, key.line.Reveal(kFileAccess)));
  if (!files::Exists(path_)) return draft;
  const auto rights = files::RightsOf(path_);
  auto given = rights ? files::GiveRights(draft, *rights) : std::unexpected(rights.error());
  if (given) return draft;
  static_cast<void>(files::RemoveFile(draft));
  return std::unexpected(std::move(given).error());
}

Expected<void> MasterKeyFile::Keep(const MasterKey& key) const {
  const std::string path = PathOf(key.id);
  ASSIGN_OR_RETURN(const std::string draft, WriteDraft(key));
  ASSIGN_OR_RETURN(const bool is_new, NameExclusively(draft, path));
  if (is_new) return {};
  ASSIGN_OR_RETURN(const MasterKey kept, ReadFrom(path));
  if (IsSame(kept.key, key.key)) return {};
  return Fail(Code::kInvalid, fmt::format("{} holds another key than its name says: move it away.", path));
}

Expected<void> MasterKeyFile::Replace(const MasterKey& key) const {
  ASSIGN_OR_RETURN(const std::string draft, WriteDraft(key));
  const auto renamed = files::RenameDurably(draft, path_);
  if (!renamed) static_cast<void>(files::RemoveFile(draft));
  return renamed;
}

// Makes the files of both keys.
Expected<ports::RotatedMasterKey> MasterKeys::Prepare(const KeyFacts& before, const MasterKey& made,
                                                      const std::string& to) const {
  if (!to.empty()) {
    ASSIGN_OR_RETURN(const bool is_new, MakeExclusively(to, made.line, random_));
    if (!is_new) return Fail(Code::kInvalid, fmt::format("{} is there already: name a new file.", to));
    return ports::RotatedMasterKey{.id = made.id, .file = to, .previous_file = "", .warning = ""};
  }
  if (file_.is_credential()) {
    return Fail(Code::kInvalid,
                fmt::format("The master key is a credential of systemd, {}, which a service cannot change: name a new "
                            "file with --to FILE, and make it the credential before the next start.",
                            file_.path()));
  }
  const auto present = file_.Find(before);
  if (!present && present.error().code == Code::kConflict) {
    return Fail(Code::kInvalid, fmt::format("{}. Rotate where the present key is kept, or name a new file with --to "
                                            "FILE.",
                                            present.error().message));
  }
  if (!present) return std::unexpected(present.error());
  RETURN_IF_ERROR(file_.Keep(*present));
  RETURN_IF_ERROR(file_.Keep(made));
  return ports::RotatedMasterKey{
      .id = made.id, .file = file_.path(), .previous_file = file_.PathOf(present->id), .warning = ""};
}

// From here on the new key counts. When it is not known whether the transaction was committed, the database is asked.
Expected<void> MasterKeys::Count(const KeyFacts& before, const MasterKey& made, const ports::RotatedMasterKey& rotated,
                                 const ports::AlsoRotate& also) const {
  const KeyFacts after{
      .wrapped_key = keyring_.Wrap(made.key), .master_key_id = made.id, .changed_at = FormatIso8601(database_.Now())};
  const auto done = database_.InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(ReplaceWrappedKey(transaction, before, after));
    return also(transaction, rotated);
  });
  if (done) return {};
  const std::string kept = rotated.previous_file.empty() ? rotated.file : file_.PathOf(made.id);
  const auto facts = FindKeyFacts(database_);
  if (!facts) {
    return Fail(
        Code::kUnavailable,
        fmt::format("the database does not answer any more: {}. It may be that the new master key in {} counts, "
                    "so keep this file, and look again later.",
                    done.error().message, kept));
  }
  if (facts->wrapped_key == after.wrapped_key) return {};
  RETURN_IF_ERROR(files::RemoveFile(kept));
  return Fail(done.error().code, "the master key was not changed: " + done.error().message);
}

Expected<ports::RotatedMasterKey> MasterKeys::Rotate(const ports::MasterKeyPlace& place,
                                                     const ports::AlsoRotate& also) {
  ASSIGN_OR_RETURN(const KeyFacts before, FindKeyFacts(database_));
  if (before.wrapped_key.empty() || before.wrapped_key == kUnfinishedCopy) {
    return Fail(Code::kInvalid, "the database holds no deployment that is complete");
  }
  ASSIGN_OR_RETURN(const MasterKey made, file_.New(place, random_));
  ASSIGN_OR_RETURN(ports::RotatedMasterKey rotated, Prepare(before, made, place.to));
  RETURN_IF_ERROR(Count(before, made, rotated, also));
  if (!place.to.empty()) return rotated;
  if (const auto replaced = file_.Replace(made); !replaced) {
    rotated.warning = fmt::format("{} could not be replaced ({}), so the key is in {} alone: copy that over it.",
                                  file_.path(), replaced.error().message, file_.PathOf(made.id));
  }
  return rotated;
}

}  // namespace firmsign::server

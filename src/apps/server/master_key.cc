// SPDX-License-Identifier: Apache-2.0

#include "apps/server/master_key.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <vector>

#include "apps/server/tokens.h"
#include "platform/crypto/seal.h"
#include "platform/files/file.h"

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

// A name that no other file has.
std::string NewName(const std::string& path) { return fmt::format("{}.{}", path, MakeUuid(crypto::SystemRandom())); }

std::string FolderOf(const std::string& path) { return std::filesystem::path(path).parent_path().string(); }

Expected<SecretBytes> ReadLine(const std::string& path) {
  ASSIGN_OR_RETURN(std::string text, files::ReadWholeFile(path, kKeyFileBytesMax));
  return SecretBytes(std::move(text));
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

// How a file has its key.
std::string HeldBy(const SecretBytes& line) {
  const auto token = ParseTokenLine(line.Reveal(kFileAccess));
  if (!token) return "holds";
  return fmt::format("makes, with the key {} of the token {},", token->label, token->token);
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
  path_ = std::filesystem::absolute(path_).string();  // a server and a reader of its answers stand in other folders
  std::error_code is_no_link;
  const std::filesystem::path target = std::filesystem::read_symlink(path_, is_no_link);
  if (!is_no_link) path_ = (std::filesystem::path(FolderOf(path_)) / target).lexically_normal().string();
}

bool MasterKeyFile::Exists(const KeyFacts& facts) const {
  return files::Exists(path_) || (!facts.master_key_id.empty() && files::Exists(PathOf(facts.master_key_id)));
}

Expected<bool> MasterKeyFile::Make() const {
  return WriteExclusively(path_, SecretBytes(keys::FormatMasterKey(keys::MakeMasterKey(crypto::SystemRandom()))));
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

Expected<MasterKey> MasterKeyFile::KeyOf(const SecretBytes& line, const std::string& path) const {
  const auto token = ParseTokenLine(line.Reveal(kFileAccess));
  auto key = token ? Derive(token->token, token->label, token->share) : keys::ParseMasterKey(line);
  if (!key) return Fail(key.error().code, fmt::format("{}: {}", path, key.error().message));
  std::string id = keys::MasterKeyId(*key);
  return MasterKey{.line = line, .key = *std::move(key), .id = std::move(id)};
}

Expected<MasterKey> MasterKeyFile::ReadFrom(const std::string& path) const {
  ASSIGN_OR_RETURN(const SecretBytes line, ReadLine(path));
  return KeyOf(line, path);
}

Expected<MasterKey> MasterKeyFile::Find(const KeyFacts& facts) const {
  const std::string& id = facts.master_key_id;
  std::vector<std::string> paths{path_};
  // Before FILE, which may be an old one that wants a token's PIN.
  if (!id.empty()) paths.insert(paths.begin(), PathOf(id));
  std::string held = "is not there";
  std::optional<Error> unreadable;   // says more than that a key does not fit
  std::optional<SecretBytes> tried;  // not twice: tokens lock themselves
  for (const std::string& path : paths) {
    if (!files::Exists(path)) continue;
    const auto line = ReadLine(path);
    if (line && tried && IsSame(*line, *tried)) continue;
    if (line) tried = *line;
    auto key = line ? KeyOf(*line, path) : std::unexpected(line.error());
    if (key && IsWrappedBy(*key, facts)) return key;
    if (!key && !unreadable) unreadable = key.error();
    if (key && path == path_) held = fmt::format("{} {}", HeldBy(*line), key->id);
  }
  if (unreadable) return std::unexpected(*std::move(unreadable));
  return Fail(Code::kConflict, fmt::format("its master key is {}{}, and {} {}", id.empty() ? "another" : id,
                                           facts.changed_at.empty() ? "" : " since " + facts.changed_at, path_, held));
}

// Whether a file beside FILE holds the same.
Expected<bool> MasterKeyFile::IsKept(const SecretBytes& line) const {
  const std::string prefix = std::filesystem::path(path_).filename().string() + ".";
  ASSIGN_OR_RETURN(const std::vector<files::Entry> entries, files::ListFolder(FolderOf(path_)));
  for (const files::Entry& entry : entries) {
    if (!entry.name.starts_with(prefix)) continue;
    const auto kept = ReadLine(FolderOf(path_) + "/" + entry.name);
    if (kept && IsSame(*kept, line)) return true;
  }
  return false;
}

Expected<bool> MasterKeyFile::Mend(const MasterKey& key) const {
  if (files::Exists(path_)) {
    ASSIGN_OR_RETURN(const SecretBytes held, ReadLine(path_));
    if (IsSame(held, key.line)) return false;
    ASSIGN_OR_RETURN(const bool is_kept, IsKept(held));
    if (!is_kept) RETURN_IF_ERROR(files::LinkDurably(path_, NewName(path_ + ".replaced")));
  }
  ASSIGN_OR_RETURN(const std::string draft, WriteDraft(path_, key.line));
  const auto renamed = files::RenameDurably(draft, path_);
  if (!renamed) static_cast<void>(files::RemoveFile(draft));
  RETURN_IF_ERROR(renamed);
  return true;
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

// A new file beside `path` with this line, for the users who may open FILE; its own path.
Expected<std::string> MasterKeyFile::WriteDraft(const std::string& path, const SecretBytes& line) const {
  const bool is_there = files::Exists(path_);
  ASSIGN_OR_RETURN(files::Rights rights, files::RightsOf(is_there ? path_ : FolderOf(path_)));
  if (!is_there) rights.mode = 0600;
  std::string draft = NewName(path);
  RETURN_IF_ERROR(files::WriteFileAtomically(draft, line.Reveal(kFileAccess)));
  auto given = files::GiveRights(draft, rights);
  if (given) return draft;
  static_cast<void>(files::RemoveFile(draft));
  return std::unexpected(std::move(given).error());
}

Expected<bool> MasterKeyFile::WriteExclusively(const std::string& path, const SecretBytes& line) const {
  ASSIGN_OR_RETURN(const std::string draft, WriteDraft(path, line));
  return NameExclusively(draft, path);
}

Expected<void> MasterKeyFile::Keep(const MasterKey& key) const {
  const std::string path = PathOf(key.id);
  const auto is_new = WriteExclusively(path, key.line);
  if (!is_new) {
    return Fail(is_new.error().code,
                is_new.error().message + ". If keys are not to be written there, name a new file with --to FILE.");
  }
  if (*is_new) return {};
  ASSIGN_OR_RETURN(const MasterKey kept, ReadFrom(path));
  if (IsSame(kept.key, key.key)) return {};
  return Fail(Code::kInvalid, fmt::format("{} holds another key than its name says: move it away.", path));
}

// Makes the files of both keys.
Expected<ports::RotatedMasterKey> MasterKeys::Prepare(const KeyFacts& before, const MasterKey& made,
                                                      const std::string& to) const {
  if (!to.empty()) {
    ASSIGN_OR_RETURN(const bool is_new, file_.WriteExclusively(to, made.line));
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
      .id = made.id, .file = file_.PathOf(made.id), .previous_file = file_.PathOf(present->id), .warning = ""};
}

// From here on the new key counts. Its file is removed only where no commit was tried: one whose end is not known may
// come true later, when the standby that it waits for answers, or when a log is replayed.
Expected<void> MasterKeys::Count(const KeyFacts& before, const MasterKey& made, const ports::RotatedMasterKey& rotated,
                                 const ports::AlsoRotate& also) const {
  const KeyFacts after{
      .wrapped_key = keyring_.Wrap(made.key), .master_key_id = made.id, .changed_at = FormatIso8601(database_.Now())};
  bool is_commit_tried = false;
  const auto done = database_.InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(ReplaceWrappedKey(transaction, before, after));
    RETURN_IF_ERROR(also(transaction, rotated));
    is_commit_tried = true;
    return {};
  });
  if (done) return {};
  if (!is_commit_tried) {
    RETURN_IF_ERROR(files::RemoveFile(rotated.file));
    return Fail(done.error().code, "the master key was not changed: " + done.error().message);
  }
  const auto facts = FindKeyFacts(database_);
  if (facts && facts->wrapped_key == after.wrapped_key) return {};
  return Fail(
      Code::kUnavailable,
      fmt::format("it is not known whether the master key was changed: {}. It may be that the one in {} counts, "
                  "now or later, so keep that file.",
                  done.error().message, rotated.file));
}

Expected<ports::RotatedMasterKey> MasterKeys::Rotate(const ports::MasterKeyPlace& place,
                                                     const ports::AlsoRotate& also) {
  ASSIGN_OR_RETURN(const KeyFacts before, FindKeyFacts(database_));
  if (before.wrapped_key.empty() || before.wrapped_key == kUnfinishedCopy) {
    return Fail(Code::kInvalid, "the database holds no deployment that is complete");
  }
  const auto made_key = file_.New(place, random_);
  if (!made_key) return Fail(made_key.error().code, "nothing was changed, since " + made_key.error().message);
  const MasterKey& made = *made_key;
  ASSIGN_OR_RETURN(ports::RotatedMasterKey rotated, Prepare(before, made, place.to));
  RETURN_IF_ERROR(Count(before, made, rotated, also));
  if (!place.to.empty()) return rotated;
  if (const auto mended = file_.Mend(made); !mended) {
    rotated.warning = fmt::format("{} could not be replaced ({}): copy {} over it.", file_.path(),
                                  mended.error().message, rotated.file);
  }
  return rotated;
}

}  // namespace firmsign::server

// SPDX-License-Identifier: Apache-2.0

#include "services/iam/entity_store.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/encoding.h"

namespace firmsign::iam {
namespace {

constexpr std::string_view kIdLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t kIdLettersAfterPrefix = 17;

struct KindNames {
  std::string_view name;
  std::string_view id_prefix;  // empty: its id is its ARN
};
constexpr std::array<KindNames, 8> kKinds = {{{"user", "AIDA"},
                                              {"group", "AGPA"},
                                              {"role", "AROA"},
                                              {"policy", "ANPA"},
                                              {"instance-profile", "AIPA"},
                                              {"saml-provider", ""},
                                              {"oidc-provider", ""},
                                              {"mfa", ""}}};

const KindNames& NamesOf(Kind kind) { return kKinds.at(static_cast<std::size_t>(kind)); }

Kind KindNamed(std::string_view name) {
  const auto found = std::ranges::find(kKinds, name, &KindNames::name);
  CHECK(found != kKinds.end());
  return static_cast<Kind>(found - kKinds.begin());
}

// In the order of the columns that every query for entities asks for.
Entity ReadEntity(const db::Row& row) {
  return Entity{.kind = KindNamed(row.Text(2)),
                .id = row.String(0),
                .account = AccountId(row.String(1)),
                .name = row.String(3),
                .path = row.String(4),
                .created_at = row.Time(5),
                .updated_at = row.Time(6),
                .boundary = row.String(7),
                .description = row.String(8),
                .document = row.String(9),
                .number = row.Int(10),
                .last_number = row.Int(11)};
}

Expected<std::optional<Entity>> One(const auto& query) {
  std::optional<Entity> found;
  RETURN_IF_ERROR(query([&](const db::Row& row) { found = ReadEntity(row); }));
  return found;
}

Expected<std::vector<Entity>> Some(const auto& query) {
  std::vector<Entity> found;
  RETURN_IF_ERROR(query([&](const db::Row& row) { found.push_back(ReadEntity(row)); }));
  return found;
}

}  // namespace

std::string_view NameOf(Kind kind) { return NamesOf(kind).name; }

std::string MakeEntityId(Kind kind, Random& random) {
  CHECK(!NamesOf(kind).id_prefix.empty());
  return std::string(NamesOf(kind).id_prefix) + MakeRandomText(random, kIdLetters, kIdLettersAfterPrefix);
}

std::string MakeArn(const AccountId& account, Kind kind, std::string_view path, std::string_view name) {
  std::string arn = "arn:aws:iam::" + account.str() + ":";
  arn += NameOf(kind);
  arn += path;
  arn += name;
  return arn;
}

std::optional<NamedEntity> ParseEntityArn(std::string_view arn, Kind kind) {
  constexpr std::string_view kPrefix = "arn:aws:iam::";
  constexpr std::size_t kAccountDigits = 12;
  if (!arn.starts_with(kPrefix)) return std::nullopt;
  arn.remove_prefix(kPrefix.size());
  const std::string_view account = arn.substr(0, kAccountDigits);
  arn.remove_prefix(account.size());
  const std::string begin = ":" + std::string(NameOf(kind)) + "/";
  if (!IsAccountId(account) || !arn.starts_with(begin)) return std::nullopt;
  // The name of an OpenID provider is an address and has slashes itself.
  arn.remove_prefix(kind == Kind::kOidcProvider ? begin.size() : arn.rfind('/') + 1);
  if (arn.empty()) return std::nullopt;
  return NamedEntity{AccountId(account), std::string(arn)};
}

std::string Entity::arn() const { return MakeArn(account, kind, path, name); }

namespace entities {

Expected<std::optional<Entity>> Find(db::Reader& reader, const AccountId& account, Kind kind, std::string_view name) {
  return One([&](const db::OnRow& on_row) {
    return reader.Query(
        "SELECT entity_id, account_id, kind, name, path, created_at, updated_at, boundary_arn, description, document,"
        " number, last_number FROM iam_entities WHERE account_id = $1 AND kind = $2 AND name_key = $3",
        on_row, account.str(), NameOf(kind), ToLower(name));
  });
}

Expected<std::optional<Entity>> FindByArn(db::Reader& reader, Kind kind, std::string_view arn) {
  const auto named = ParseEntityArn(arn, kind);
  if (!named) return std::nullopt;
  ASSIGN_OR_RETURN(auto found, Find(reader, named->account, kind, named->name));
  if (found && found->arn() != arn) return std::nullopt;
  return found;
}

Expected<std::optional<Entity>> FindById(db::Reader& reader, std::string_view id) {
  return One([&](const db::OnRow& on_row) {
    return reader.Query(
        "SELECT entity_id, account_id, kind, name, path, created_at, updated_at, boundary_arn, description, document,"
        " number, last_number FROM iam_entities WHERE entity_id = $1",
        on_row, id);
  });
}

Expected<void> Insert(db::Transaction& transaction, const Entity& entity) {
  RETURN_IF_ERROR(transaction.Execute(
      "INSERT INTO iam_entities (entity_id, account_id, kind, name_key, name, path, created_at, updated_at,"
      " boundary_arn, description, document, number, last_number)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
      entity.id, entity.account.str(), NameOf(entity.kind), ToLower(entity.name), entity.name, entity.path,
      entity.created_at, entity.updated_at, entity.boundary, entity.description, entity.document, entity.number,
      entity.last_number));
  return {};
}

Expected<void> Update(db::Transaction& transaction, const Entity& entity) {
  RETURN_IF_ERROR(transaction.Execute(
      "UPDATE iam_entities SET name_key = $1, name = $2, path = $3, updated_at = $4, boundary_arn = $5,"
      " description = $6, document = $7, number = $8, last_number = $9 WHERE entity_id = $10",
      ToLower(entity.name), entity.name, entity.path, entity.updated_at, entity.boundary, entity.description,
      entity.document, entity.number, entity.last_number, entity.id));
  return {};
}

Expected<void> Remove(db::Transaction& transaction, const Entity& entity) {
  RETURN_IF_ERROR(transaction.Execute("DELETE FROM iam_entities WHERE entity_id = $1", entity.id));
  RETURN_IF_ERROR(transaction.Execute("DELETE FROM iam_tags WHERE entity_id = $1", entity.id));
  RETURN_IF_ERROR(transaction.Execute("DELETE FROM iam_inline_policies WHERE entity_id = $1", entity.id));
  RETURN_IF_ERROR(transaction.Execute("DELETE FROM iam_policy_versions WHERE entity_id = $1", entity.id));
  return {};
}

Expected<std::vector<Entity>> List(db::Reader& reader, const AccountId& account, Kind kind, const Page& page) {
  // Paths are made of characters below 0x7F, so this is behind all that begin with the prefix.
  const std::string end = page.path_prefix + "\x7f";
  return Some([&](const db::OnRow& on_row) {
    return reader.Query(
        "SELECT entity_id, account_id, kind, name, path, created_at, updated_at, boundary_arn, description, document,"
        " number, last_number FROM iam_entities WHERE account_id = $1 AND kind = $2 AND name_key > $3 AND path >= $4"
        " AND path < $5 ORDER BY name_key LIMIT $6",
        on_row, account.str(), NameOf(kind), page.after, page.path_prefix, end, page.count);
  });
}

Expected<std::int64_t> Count(db::Reader& reader, const AccountId& account, Kind kind) {
  std::int64_t count = 0;
  RETURN_IF_ERROR(reader.Query(
      "SELECT COUNT(*) FROM iam_entities WHERE account_id = $1 AND kind = $2",
      [&](const db::Row& row) { count = row.Int(0); }, account.str(), NameOf(kind)));
  return count;
}

Expected<std::vector<Entity>> All(db::Reader& reader, const AccountId& account, Kind kind) {
  return Some([&](const db::OnRow& on_row) {
    return reader.Query(
        "SELECT entity_id, account_id, kind, name, path, created_at, updated_at, boundary_arn, description, document,"
        " number, last_number FROM iam_entities WHERE account_id = $1 AND kind = $2 ORDER BY name_key",
        on_row, account.str(), NameOf(kind));
  });
}

Expected<policy::Tags> TagsOf(db::Reader& reader, std::string_view id) {
  policy::Tags tags;
  RETURN_IF_ERROR(reader.Query(
      "SELECT tag_key, tag_value FROM iam_tags WHERE entity_id = $1 ORDER BY tag_key",
      [&](const db::Row& row) { tags.emplace_back(row.String(0), row.String(1)); }, id));
  return tags;
}

Expected<void> PutTag(db::Transaction& transaction, std::string_view id, std::string_view key, std::string_view value) {
  RETURN_IF_ERROR(
      transaction.Execute("INSERT INTO iam_tags (entity_id, tag_key, tag_value) VALUES ($1, $2, $3)"
                          " ON CONFLICT (entity_id, tag_key) DO UPDATE SET tag_value = excluded.tag_value",
                          id, key, value));
  return {};
}

Expected<void> RemoveTag(db::Transaction& transaction, std::string_view id, std::string_view key) {
  RETURN_IF_ERROR(transaction.Execute("DELETE FROM iam_tags WHERE entity_id = $1 AND tag_key = $2", id, key));
  return {};
}

Expected<std::vector<InlinePolicy>> InlinePoliciesOf(db::Reader& reader, std::string_view id) {
  std::vector<InlinePolicy> policies;
  RETURN_IF_ERROR(reader.Query(
      "SELECT name, document FROM iam_inline_policies WHERE entity_id = $1 ORDER BY name",
      [&](const db::Row& row) { policies.push_back({row.String(0), row.String(1)}); }, id));
  return policies;
}

Expected<void> PutInlinePolicy(db::Transaction& transaction, std::string_view id, const InlinePolicy& policy) {
  RETURN_IF_ERROR(
      transaction.Execute("INSERT INTO iam_inline_policies (entity_id, name, document) VALUES ($1, $2, $3)"
                          " ON CONFLICT (entity_id, name) DO UPDATE SET document = excluded.document",
                          id, policy.name, policy.document));
  return {};
}

Expected<bool> RemoveInlinePolicy(db::Transaction& transaction, std::string_view id, std::string_view name) {
  ASSIGN_OR_RETURN(const std::int64_t removed,
                   transaction.Execute("DELETE FROM iam_inline_policies WHERE entity_id = $1 AND name = $2", id, name));
  return removed > 0;
}

Expected<std::vector<PolicyVersion>> VersionsOf(db::Reader& reader, std::string_view policy_id) {
  std::vector<PolicyVersion> versions;
  RETURN_IF_ERROR(reader.Query(
      "SELECT number, document, created_at FROM iam_policy_versions WHERE entity_id = $1 ORDER BY number DESC",
      [&](const db::Row& row) { versions.push_back({row.Int(0), row.String(1), row.Time(2)}); }, policy_id));
  return versions;
}

Expected<void> InsertVersion(db::Transaction& transaction, std::string_view policy_id, const PolicyVersion& version) {
  RETURN_IF_ERROR(transaction.Execute(
      "INSERT INTO iam_policy_versions (entity_id, number, document, created_at) VALUES ($1, $2, $3, $4)", policy_id,
      version.number, version.document, version.created_at));
  return {};
}

Expected<void> RemoveVersion(db::Transaction& transaction, std::string_view policy_id, std::int64_t number) {
  RETURN_IF_ERROR(
      transaction.Execute("DELETE FROM iam_policy_versions WHERE entity_id = $1 AND number = $2", policy_id, number));
  return {};
}

Expected<std::vector<std::string>> AttachedTo(db::Reader& reader, std::string_view id) {
  std::vector<std::string> arns;
  RETURN_IF_ERROR(reader.Query(
      "SELECT policy_arn FROM iam_attachments WHERE entity_id = $1 ORDER BY policy_arn",
      [&](const db::Row& row) { arns.push_back(row.String(0)); }, id));
  return arns;
}

Expected<void> Attach(db::Transaction& transaction, std::string_view id, std::string_view policy_arn) {
  RETURN_IF_ERROR(
      transaction.Execute("INSERT INTO iam_attachments (entity_id, policy_arn) VALUES ($1, $2)"
                          " ON CONFLICT (entity_id, policy_arn) DO NOTHING",
                          id, policy_arn));
  return {};
}

Expected<bool> Detach(db::Transaction& transaction, std::string_view id, std::string_view policy_arn) {
  ASSIGN_OR_RETURN(
      const std::int64_t removed,
      transaction.Execute("DELETE FROM iam_attachments WHERE entity_id = $1 AND policy_arn = $2", id, policy_arn));
  return removed > 0;
}

Expected<std::vector<Entity>> HoldersOf(db::Reader& reader, const AccountId& account, std::string_view policy_arn) {
  return Some([&](const db::OnRow& on_row) {
    return reader.Query(
        "SELECT e.entity_id, e.account_id, e.kind, e.name, e.path, e.created_at, e.updated_at, e.boundary_arn,"
        " e.description, e.document, e.number, e.last_number FROM iam_attachments a JOIN iam_entities e"
        " ON e.entity_id = a.entity_id WHERE a.policy_arn = $1 AND e.account_id = $2 ORDER BY e.kind, e.name_key",
        on_row, policy_arn, account.str());
  });
}

Expected<std::vector<Entity>> BoundedBy(db::Reader& reader, const AccountId& account, std::string_view policy_arn) {
  return Some([&](const db::OnRow& on_row) {
    return reader.Query(
        "SELECT entity_id, account_id, kind, name, path, created_at, updated_at, boundary_arn, description, document,"
        " number, last_number FROM iam_entities WHERE boundary_arn = $1 AND account_id = $2 ORDER BY kind, name_key",
        on_row, policy_arn, account.str());
  });
}

Expected<std::vector<Entity>> MembersOf(db::Reader& reader, std::string_view holder_id) {
  return Some([&](const db::OnRow& on_row) {
    return reader.Query(
        "SELECT e.entity_id, e.account_id, e.kind, e.name, e.path, e.created_at, e.updated_at, e.boundary_arn,"
        " e.description, e.document, e.number, e.last_number FROM iam_members m JOIN iam_entities e"
        " ON e.entity_id = m.member_id WHERE m.holder_id = $1 ORDER BY e.name_key",
        on_row, holder_id);
  });
}

Expected<std::vector<Entity>> HoldersOfMember(db::Reader& reader, std::string_view member_id) {
  return Some([&](const db::OnRow& on_row) {
    return reader.Query(
        "SELECT e.entity_id, e.account_id, e.kind, e.name, e.path, e.created_at, e.updated_at, e.boundary_arn,"
        " e.description, e.document, e.number, e.last_number FROM iam_members m JOIN iam_entities e"
        " ON e.entity_id = m.holder_id WHERE m.member_id = $1 ORDER BY e.name_key",
        on_row, member_id);
  });
}

Expected<void> AddMember(db::Transaction& transaction, std::string_view holder_id, std::string_view member_id) {
  RETURN_IF_ERROR(transaction.Execute(
      "INSERT INTO iam_members (holder_id, member_id) VALUES ($1, $2) ON CONFLICT (holder_id, member_id) DO NOTHING",
      holder_id, member_id));
  return {};
}

Expected<bool> RemoveMember(db::Transaction& transaction, std::string_view holder_id, std::string_view member_id) {
  ASSIGN_OR_RETURN(
      const std::int64_t removed,
      transaction.Execute("DELETE FROM iam_members WHERE holder_id = $1 AND member_id = $2", holder_id, member_id));
  return removed > 0;
}

Expected<std::optional<std::string>> FindSetting(db::Reader& reader, const AccountId& account, std::string_view name) {
  std::optional<std::string> value;
  RETURN_IF_ERROR(reader.Query(
      "SELECT value FROM iam_settings WHERE account_id = $1 AND name = $2",
      [&](const db::Row& row) { value = row.String(0); }, account.str(), name));
  return value;
}

Expected<void> PutSetting(db::Transaction& transaction, const AccountId& account, std::string_view name,
                          std::string_view value, Instant now) {
  RETURN_IF_ERROR(transaction.Execute(
      "INSERT INTO iam_settings (account_id, name, value, changed_at) VALUES ($1, $2, $3, $4)"
      " ON CONFLICT (account_id, name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at",
      account.str(), name, value, now));
  return {};
}

Expected<bool> RemoveSetting(db::Transaction& transaction, const AccountId& account, std::string_view name) {
  ASSIGN_OR_RETURN(
      const std::int64_t removed,
      transaction.Execute("DELETE FROM iam_settings WHERE account_id = $1 AND name = $2", account.str(), name));
  return removed > 0;
}

}  // namespace entities
}  // namespace firmsign::iam

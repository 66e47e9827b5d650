// SPDX-License-Identifier: Apache-2.0
//
// Documents: policies as people write them, parsed once and matched many times.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "engine/policy/condition.h"
#include "engine/policy/context.h"
#include "engine/policy/pattern.h"
#include "engine/policy/places.h"
#include "engine/policy/principal.h"

namespace firmsign::policy {

enum class DocumentKind : std::uint8_t {
  kIdentity,  // attached to a user, group, role or session: names no principal
  kResource,  // attached to a bucket or profile: names principals and resources
  kTrust,     // attached to a role: names principals; its resource is the role
};

enum class Effect : std::uint8_t { kAllow, kDeny };

// How closely a Principal element names a caller, the closest last.
enum class Naming : std::uint8_t {
  kNone,
  kAccount,  // the caller's account, which means: whom its administrators allow
  kRole,     // the role of the caller's session
  kCaller,   // the caller itself, or everybody
};

// Whom a statement of a resource's policy speaks of. Thread safety: immutable.
class PrincipalSet {
 public:
  static Expected<PrincipalSet> Parse(const json::Value& element);
  Naming Names(const Principal& principal) const;
  // As NotPrincipal: an account stands for its root alone.
  bool Excepts(const Principal& principal) const;
  bool names_everybody() const { return is_everybody_; }
  // The ARNs of users and roles among them, for whoever keeps them as unique ids.
  const std::vector<std::string>& aws() const { return aws_; }

 private:
  static Expected<void> CheckAws(const std::string& name);
  bool NamesAccount(const AccountId& account) const;

  bool is_everybody_ = false;
  std::vector<std::string> aws_;        // account ids, ARNs, unique ids
  std::vector<std::string> services_;   // signer.amazonaws.com
  std::vector<std::string> federated_;  // ARNs and hosts of providers
  std::vector<std::string> canonical_;  // S3's other name for an account
};

// One request, in the words of statements.
struct Request {
  const Principal& principal;
  std::string_view action;    // "signer:StartSigningJob"; matched without regard to case
  std::string_view resource;  // an ARN, or "*"
  const Context& context;
};

// Thread safety: immutable.
class Statement {
 public:
  const std::string& sid() const { return sid_; }
  Effect effect() const { return effect_; }

  // Everything but the principal. `action` is request.action in small letters.
  bool Matches(const Request& request, std::string_view action) const;
  // kNone also when the statement does not match. Identity policies name everybody.
  Naming MatchesFor(const Request& request, std::string_view action) const;

  // Whether it allows anybody, without a condition or with one that anybody may fulfil.
  bool IsPublic() const;
  const PrincipalSet& principals() const { return principals_; }
  const Condition& condition() const { return condition_; }
  // Adds the keys of the context on which it depends, in small letters: of conditions, and of all variables.
  void AddKeys(std::vector<std::string>& keys) const;
  const std::vector<std::string>& actions() const { return action_texts_; }
  const std::vector<std::string>& resources() const { return resource_texts_; }

 private:
  friend class StatementParser;
  struct Resource {
    Template written;
    ArnPattern ready;  // of a constant
  };
  bool MatchesAction(std::string_view action) const;
  bool MatchesResource(const Request& request) const;

  std::string sid_;
  Effect effect_ = Effect::kDeny;
  bool has_principals_ = false;
  bool is_not_principal_ = false;
  bool is_not_action_ = false;
  bool is_not_resource_ = false;
  PrincipalSet principals_;
  std::vector<Pattern> actions_;  // in small letters
  std::vector<std::string> action_texts_;
  std::vector<Resource> resources_;  // none: any, in trust policies
  std::vector<std::string> resource_texts_;
  Condition condition_;
};

struct Document {
  std::string version;  // "2012-10-17", "2008-10-17"
  std::string id;
  std::vector<Statement> statements;
  std::vector<StatementPlace> places;  // of the statements; none when the document is no longer as it was written
  std::size_t bytes = 0;               // of the text
};

// kInvalid: the text is no policy of this kind. The message says what is wrong and where, in AWS's words where those
// are known: "Missing required field Resource (Statement[1])".
Expected<Document> ParseDocument(std::string_view text, DocumentKind kind);

// How many characters IAM's quotas count: white space outside of texts is free.
std::size_t CountedCharacters(std::string_view text);

// A document and where it comes from. Thread safety: immutable.
class Policy {
 public:
  // `source`: what a person calls it, "arn:aws:iam::111122223333:policy/Sign" or "inline policy Sign of user ci".
  // `only_account`: what it allows counts for the callers of this account and AWS's services alone; empty: for
  // everybody.
  Policy(std::string source, Document document, AccountId only_account = {});
  const std::string& source() const { return source_; }
  const std::vector<Statement>& statements() const { return document_.statements; }
  // Where one of the statements stands. nullopt: that is not known.
  std::optional<StatementPlace> PlaceOf(const Statement& statement) const;
  std::size_t bytes() const { return document_.bytes; }
  bool MayAllow(const Principal& principal) const;
  // Whether a condition looks at a key that begins so, or a variable names one; `prefix` in small letters.
  bool AsksFor(std::string_view prefix) const;

 private:
  std::string source_;
  Document document_;
  AccountId only_account_;
  std::vector<std::string> keys_;  // of all conditions and variables
};

}  // namespace firmsign::policy

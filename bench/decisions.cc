// SPDX-License-Identifier: Apache-2.0
//
// What it costs to know who calls and whether he may: a user with 10 managed policies of 20 statements each, the last
// of which allows the call, over the real stores. Beside it, what the signature's mathematics costs alone.

#include <fmt/format.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "aws/sigv4/sigv4.h"
#include "bench/commands.h"
#include "bench/meter.h"
#include "gateway/authenticate.h"
#include "gateway/authorizer.h"
#include "model/signer.h"
#include "platform/crypto/digest.h"
#include "platform/crypto/seal.h"
#include "platform/db/sqlite.h"
#include "services/iam/credentials.h"
#include "services/iam/schema.h"

namespace firmsign::bench {
namespace {

constexpr double kSeconds = 2;
constexpr int kPolicies = 10;
constexpr int kStatements = 20;
constexpr const char* kProfile = "arn:aws:signer:us-east-1:111122223333:/signing-profiles/release";
constexpr const char* kBody = R"({"profileName":"release"})";
constexpr SecretAccess kSign("the benchmark signs its own requests");

// Counts what is read.
class Counting final : public db::Database {
 public:
  explicit Counting(db::Database& database) : database_(database) {}
  Expected<void> InTransaction(const db::Work& work) override { return database_.InTransaction(work); }
  Expected<void> Read(const db::ReadWork& work) override {
    ++reads;
    return database_.Read(work);
  }
  Expected<void> ReadOne(const db::ReadWork& work) override {
    ++reads;
    return database_.ReadOne(work);
  }
  void Notify(std::string_view topic) override { database_.Notify(topic); }
  std::unique_ptr<db::Listening> Listen(std::string topic, std::function<void()> listener) override {
    return database_.Listen(std::move(topic), std::move(listener));
  }
  Instant Now() const override { return database_.Now(); }

  std::int64_t reads = 0;

 private:
  db::Database& database_;
};

// Statements as teams write them: an action or two, a resource, now and then a condition. All but the last are about
// something else.
std::string Document(int policy) {
  std::string text = R"({"Version":"2012-10-17","Statement":[)";
  for (int i = 0; i < kStatements; ++i) {
    const bool is_last = policy + 1 == kPolicies && i + 1 == kStatements;
    text += fmt::format(
        R"({}{{"Sid":"P{}S{}","Effect":"{}","Action":["signer:{}","s3:Get*"],"Resource":"{}",
           "Condition":{{"StringLike":{{"aws:PrincipalArn":"arn:aws:iam::*:user/*"}},
                         "IpAddress":{{"aws:SourceIp":["10.0.0.0/8","192.0.2.0/24"]}}}}}})",
        i == 0 ? "" : ",", policy, i, i % 5 == 0 && !is_last ? "Deny" : "Allow", is_last ? "StartSigningJob" : "Start*",
        is_last ? kProfile : fmt::format("arn:aws:signer:*:*:/signing-profiles/product{}-{}-*", policy, i));
  }
  return text + "]}";
}

struct Deployment {
  iam::StoredAccessKey key;
  iam::Entity user;
};

Expected<Deployment> Fill(iam::Store& store, Random& random, Instant now) {
  const AccountId account("111122223333");
  Deployment made;
  made.user = {.kind = iam::Kind::kUser,
               .id = iam::MakeEntityId(iam::Kind::kUser, random),
               .account = account,
               .name = "ci",
               .created_at = now};
  made.key = iam::MakeAccessKey(random, account, now, made.user.id);
  RETURN_IF_ERROR(store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(store.CreateAccount(transaction, "bench", now, account));
    RETURN_IF_ERROR(iam::entities::Insert(transaction, made.user));
    for (int i = 0; i < kPolicies; ++i) {
      const iam::Entity policy{.kind = iam::Kind::kPolicy,
                               .id = iam::MakeEntityId(iam::Kind::kPolicy, random),
                               .account = account,
                               .name = fmt::format("policy{}", i),
                               .created_at = now,
                               .number = 1,
                               .last_number = 1};
      RETURN_IF_ERROR(iam::entities::Insert(transaction, policy));
      RETURN_IF_ERROR(iam::entities::InsertVersion(transaction, policy.id,
                                                   {.number = 1, .document = Document(i), .created_at = now}));
      RETURN_IF_ERROR(iam::entities::Attach(transaction, made.user.id, policy.arn()));
    }
    return store.AddAccessKey(transaction, made.key);
  }));
  return made;
}

// CPU microseconds of one `once`.
template <class Once>
Expected<double> MicrosEach(Once once) {
  const SteadyTime start = Now();
  const double cpu = OwnCpuSeconds();
  std::int64_t count = 0;
  while (SecondsSince(start) < kSeconds) {
    for (int i = 0; i < 100; ++i, ++count) RETURN_IF_ERROR(once());
  }
  return (OwnCpuSeconds() - cpu) * 1e6 / static_cast<double>(count);
}

http::RequestHead SignedHead(const iam::StoredAccessKey& key, const std::string& hash, Instant now) {
  http::RequestHead head;
  head.method = "POST";
  head.target = "/signing-jobs";
  head.headers.Add("Host", "localhost:8780");
  head.headers.Add("Content-Type", "application/json");
  sigv4::SignRequest(head, {.access_key = key.id, .secret = key.secret, .token = ""}, "us-east-1", "signer",
                     sigv4::PathRule::kNormalizeAndEncodeTwice, hash, now);
  return head;
}

// What one statement costs among `policies` times kStatements: the same for few and for many, if deciding is linear.
Expected<double> NanosOfAStatement(const gateway::CallFacts& facts, std::string_view action, int policies) {
  policy::Entitlements entitlements;
  for (int i = 0; i < policies; ++i) {
    ASSIGN_OR_RETURN(policy::Document document,
                     policy::ParseDocument(Document(i + kPolicies), policy::DocumentKind::kIdentity));
    entitlements.policies.push_back(std::make_shared<policy::Policy>("bench", std::move(document)));
  }
  const policy::Question question{.principal = facts.caller,
                                  .action = action,
                                  .resource = kProfile,
                                  .owner = facts.account(),
                                  .context = facts.rights->context,
                                  .entitlements = &entitlements};
  ASSIGN_OR_RETURN(const double micros, MicrosEach([&]() -> Expected<void> {
                     if (policy::Evaluate(question).allowed) return Fail(Code::kInternal, "allowed");
                     return {};
                   }));
  return micros * 1000 / (static_cast<double>(policies) * kStatements);
}

gateway::CallFacts MakeFacts() {
  gateway::CallFacts facts;
  facts.operation = &signer::ops::StartSigningJob::kDescriptor;
  facts.region = Region("us-east-1");
  facts.source_ip = "192.0.2.7";
  facts.user_agent = "bench";
  return facts;
}

}  // namespace

Expected<void> MeasureDecisions(const Arguments& arguments, json::Writer& writer) {
  const SystemClock clock;
  Random& random = crypto::SystemRandom();
  ASSIGN_OR_RETURN(const std::string folder, arguments.Text("folder"));
  ASSIGN_OR_RETURN(const auto sqlite, db::OpenSqlite({.path = folder + "/decisions.db"}, clock));
  RETURN_IF_ERROR(db::Migrate(*sqlite, iam::Migrations()));
  Counting database(*sqlite);
  const auto keyring = keys::Keyring::Make(keys::MakeMasterKey(random), random);
  iam::Store store(database, *keyring, random);
  ASSIGN_OR_RETURN(const Deployment deployment, Fill(store, random, clock.Now()));
  const iam::Generation generation(database, {});
  const iam::SessionTokens tokens(*keyring, random);
  const iam::PolicyBook policies(database, generation);
  iam::KeyUsage usage(store);
  const iam::Credentials credentials(store, tokens, policies, generation, usage);
  const gateway::Authenticator authenticator(credentials, {});
  const gateway::Authorizer authorizer(policies);

  const std::string hash = crypto::Sha256Hex(kBody);
  const http::RequestHead head = SignedHead(deployment.key, hash, clock.Now());
  gateway::CallFacts facts = MakeFacts();
  const signer::StartSigningJobRequest input{.profile_name = "release"};

  const auto authenticate = [&]() -> Expected<void> {
    const auto claim = sigv4::ReadClaim(head);
    if (!claim) return Fail(Code::kInternal, "no claim");
    auto identity = authenticator.Authenticate(head, *claim, signer::kService, hash, clock.Now());
    if (!identity) return Fail(Code::kInternal, identity.error().message);
    facts.caller = std::move(identity->principal);
    facts.now = clock.Now();
    return {};
  };
  const auto authorize = [&]() -> Expected<void> {
    ASSIGN_OR_RETURN(facts.rights, authorizer.RightsOf(facts, &input));
    return authorizer.Authorize(facts, &input, nullptr);
  };
  const auto both = [&]() -> Expected<void> {
    RETURN_IF_ERROR(authenticate());
    return authorize();
  };
  RETURN_IF_ERROR(both());
  const std::int64_t warm = database.reads;
  ASSIGN_OR_RETURN(const double whole, MicrosEach(both));
  ASSIGN_OR_RETURN(const double authentication, MicrosEach(authenticate));
  ASSIGN_OR_RETURN(const double authorization, MicrosEach(authorize));
  const std::string secret(deployment.key.secret.Reveal(kSign));
  // The canonical request is hashed and the result signed: what no server that checks signatures can do without.
  ASSIGN_OR_RETURN(const double mathematics, MicrosEach([&]() -> Expected<void> {
                     const std::string digest = crypto::Sha256Hex(std::string(300, 'x'));
                     if (crypto::Hmac(crypto::Hash::kSha256, secret, digest).empty()) return Fail(Code::kInternal, "");
                     return {};
                   }));
  const auto number = [&](std::string_view name, double value) {
    writer.Name(name);
    writer.Double(value);
  };
  number("together_us", whole);
  number("authentication_us", authentication);
  number("authorization_us", authorization);
  number("hash_and_hmac_us", mathematics);
  number("together_to_hash_and_hmac", whole / mathematics);
  for (const int times : {1, 10, 100}) {
    ASSIGN_OR_RETURN(const double nanos, NanosOfAStatement(facts, "signer:StartSigningJob", kPolicies * times));
    number(fmt::format("statement_of_{}_ns", kPolicies * times * kStatements), nanos);
  }
  writer.Name("database_reads");
  writer.Int(database.reads - warm);
  return {};
}

}  // namespace firmsign::bench

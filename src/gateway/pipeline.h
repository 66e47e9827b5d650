// SPDX-License-Identifier: Apache-2.0
//
// The pipeline: the life of a request, once, for all services (DESIGN §5).
//
// pipeline.cc shows the order of its steps on one screen, with the reason for each step's place.

#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "gateway/admit.h"
#include "gateway/audit.h"
#include "gateway/authenticate.h"
#include "gateway/authorizer.h"
#include "gateway/route.h"
#include "platform/http/server.h"
#include "platform/telemetry/metrics.h"

namespace firmsign::gateway {

struct PipelineOptions {
  AuthenticateOptions authenticate;
  AdmitOptions admit;
  AuditOptions audit;
  std::vector<std::string> s3_domains;
};

// What the pipeline works with; all of it outlives the pipeline.
struct PipelineParts {
  std::vector<ServiceRoutes> services;
  const ports::Credentials& credentials;
  const ports::Policies& policies;
  ports::AuditTrail& audit_trail;
  const Clock& clock;
  Random& random;
  telemetry::Metrics& metrics;
  const ports::Denials* denials = nullptr;  // for texts that denials end with; nullptr: they have none
  RateBank* rate_bank = nullptr;            // shared with the other nodes; nullptr: there are none
};

// Thread safety: safe.
class Pipeline final : public http::Handler, private CallServices {
 public:
  Pipeline(PipelineParts parts, PipelineOptions options);
  ~Pipeline() override;

  http::Decision OnHead(http::RequestHead&& head) override;

 private:
  struct Call;
  // What /metrics tells of one operation.
  struct OperationMetrics {
    telemetry::Counter& succeeded;
    telemetry::Counter& refused;  // 4xx
    telemetry::Counter& failed;   // 5xx
    telemetry::Histogram& seconds;
  };
  using Problem = std::unexpected<aws::ApiError>;
  using Step = std::expected<void, aws::ApiError>;

  // The steps, in their order.
  Step RouteService(Call& call) const;
  Step AuthenticateHead(Call& call) const;
  Step RouteOperation(Call& call) const;
  Step AuthenticateBody(Call& call) const;
  // A browser's upload: after its fields are read, it goes on as the PutObject that it means.
  http::Decision ReceivePost(std::shared_ptr<Call> call);
  http::Response RunPost(Call& call, http::BodyReader& body);
  Step ReadPost(Call& call);
  // A call that needs no signature, because what it sends proves who calls.
  static bool IsUnsignedQuery(const Call& call);
  http::Decision ReceiveUnsigned(std::shared_ptr<Call> call);
  http::Response RunUnsigned(Call& call, http::BodyReader& body);
  Step ReadUnsigned(Call& call, http::BodyReader& body) const;
  Step Admit(Call& call);
  Step CheckBody(const Call& call) const;
  Step ParseAndValidate(Call& call) const;
  Step Authorize(Call& call);
  Step Handle(Call& call);

  http::Response Run(Call& call);
  Step Steps(Call& call);
  http::Response Reply(Call& call, const Step& outcome);
  http::Response ReplyFailure(Call& call, aws::ApiError error);
  http::Response Finish(Call& call, http::Response response, std::string_view error_code) const;
  Step Authenticate(Call& call, std::string_view payload_hash) const;
  static bool IsPost(const Call& call);
  static void Accept(Call& call, Identity identity);
  static void NoteSignature(Call& call, const sigv4::Claim& claim, std::string_view auth_type);
  static aws::ApiError ErrorOf(const Call& call, AuthenticateProblem problem);
  Problem Busy(const Call& call) const;
  Problem Common(const Call& call, aws::CommonError error, std::string message) const;

  Expected<policy::Grant> Require(const CallFacts& facts, std::string_view action, const Resource& resource) override;
  Expected<void> Record(db::Transaction& transaction, const CallFacts& facts, const void* input,
                        const void* output) override;

  void CountRequest(const Call& call, int status, Duration took) const;

  const PipelineParts parts_;
  std::unordered_map<const aws::OperationDescriptor*, OperationMetrics> operation_metrics_;
  telemetry::Counter& unrouted_;
  const Router router_;
  const Authenticator authenticator_;
  Admission admission_;
  const Authorizer authorizer_;
  Auditor auditor_;
  // Bodies whose sender is not known yet. They hold threads, of which there are few.
  std::atomic<int> unread_strangers_ = 0;
};

}  // namespace firmsign::gateway

// SPDX-License-Identifier: Apache-2.0

#include "gateway/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "gateway/body_digests.h"
#include "gateway/body_errors.h"
#include "gateway/payload_reader.h"
#include "gateway/post_object.h"
#include "gateway/post_policy.h"
#include "platform/crypto/digest.h"
#include "platform/telemetry/log.h"

namespace firmsign::gateway {
namespace {

using aws::CommonError;

constexpr std::string_view kS3IdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
constexpr std::size_t kS3IdChars = 16;
constexpr int kUnreadStrangersMax = 8;
constexpr std::size_t kUnsignedBytesMax = 256 << 10;  // a SAML assertion has 100,000 characters

const std::string& EmptySha256Hex() {
  static const std::string kHash = crypto::Sha256Hex("");
  return kHash;
}

// Version 2 of signatures, which AWS takes for old buckets only: in an address, or in a header.
bool IsSignedAsOfOld(const http::RequestHead& head) {
  const std::string_view query = head.query();
  return query.starts_with("AWSAccessKeyId=") || query.find("&AWSAccessKeyId=") != std::string_view::npos ||
         head.headers.Get("Authorization").starts_with("AWS ");
}

}  // namespace

// One request on its way. Made when its head arrived; lives until its response is handed over.
struct Pipeline::Call {
  explicit Call(http::RequestHead h) : head(std::move(h)) {}

  http::RequestHead head;
  Instant began;
  std::expected<sigv4::Claim, sigv4::ClaimError> claim;
  const ServiceRoutes* service = nullptr;
  Route route;
  Identity identity;
  bool is_authenticated = false;
  CallFacts facts;
  std::string body;                    // buffered requests
  http::BodyReader* stream = nullptr;  // streaming requests
  std::unique_ptr<PayloadReader> payload;
  std::unique_ptr<FormReader> form;  // a browser's upload
  FormFields form_fields;
  std::string form_bucket;
  PostLengths form_lengths;
  std::optional<Admission::Place> place;
  bool is_admitted = false;
  std::shared_ptr<void> input;
  std::optional<Resolution> resolution;
  std::shared_ptr<void> output;

  const aws::ServiceDescriptor& descriptor() const { return *service->descriptor; }
  const aws::OperationDescriptor* operation() const {
    return route.handler != nullptr ? route.handler->operation : nullptr;
  }
};

Pipeline::Pipeline(PipelineParts parts, PipelineOptions options)
    : parts_(std::move(parts)),
      unrouted_(parts_.metrics.MakeCounter("firmsign_unrouted_requests",
                                           "Requests refused before their operation was known.")),
      router_(parts_.services, std::move(options.s3_domains)),
      authenticator_(parts_.credentials, std::move(options.authenticate)),
      admission_(std::move(options.admit), parts_.rate_bank),
      authorizer_(parts_.policies, parts_.denials),
      auditor_(parts_.audit_trail, parts_.random, options.audit) {
  for (const ServiceRoutes& service : parts_.services) {
    for (const gateway::Handler& handler : service.handlers) {
      const telemetry::Labels labels{{"service", std::string(service.descriptor->signing_name)},
                                     {"operation", std::string(handler.operation->name)}};
      const auto counter = [&](std::string outcome) -> telemetry::Counter& {
        telemetry::Labels with_outcome = labels;
        with_outcome.emplace_back("outcome", std::move(outcome));
        return parts_.metrics.MakeCounter("firmsign_requests", "Requests by operation and outcome.", with_outcome);
      };
      operation_metrics_.emplace(
          handler.operation,
          OperationMetrics{counter("succeeded"), counter("refused"), counter("failed"),
                           parts_.metrics.MakeHistogram("firmsign_request_seconds",
                                                        "Time from a request's head to its response.", labels)});
    }
  }
}

Pipeline::~Pipeline() = default;

// The head has arrived: decide how the body is received. Runs on a socket thread, so nothing here waits.
http::Decision Pipeline::OnHead(http::RequestHead&& head) {
  auto call = std::make_shared<Call>(std::move(head));
  // 1. The service comes first, because it decides how every later error is spelled.
  // 2. A signature that covers the payload's hash is checked before the client is told to send the payload.
  // 3. The operation decides whether the body is buffered or streamed; only for query services it lies in the body.
  Step step = RouteService(*call);
  // What a browser uploads says who sends it in the body.
  if (IsPost(*call)) return ReceivePost(std::move(call));
  if (step && IsUnsignedQuery(*call)) return ReceiveUnsigned(std::move(call));
  if (step) step = AuthenticateHead(*call);
  if (step && !Router::NeedsBody(*call->service, call->head)) step = RouteOperation(*call);
  const aws::OperationDescriptor* operation = call->operation();
  const bool is_stranger = call->is_authenticated && call->facts.caller.type == policy::PrincipalType::kAnonymous;
  if (is_stranger && call->head.HasBody() && (operation == nullptr || !operation->streaming_input)) {
    // These bodies are read before it is decided who may send them, and so for nobody whom nobody knows.
    step = Common(*call, CommonError::kAccessDenied, "Access Denied");
  }
  if (!step) return http::Refuse{Reply(*call, step)};

  if (operation != nullptr && operation->streaming_input) {
    return http::Stream{.run =
                            [this, call](http::BodyReader& body) {
                              call->stream = &body;
                              return Run(*call);
                            },
                        .busy = [this, call] { return Reply(*call, Busy(*call)); }};
  }
  return http::Buffer{.body_bytes_max = operation != nullptr ? operation->body_bytes_max : std::uint64_t{1} << 20,
                      .run =
                          [this, call](std::string body) {
                            call->body = std::move(body);
                            return Run(*call);
                          },
                      .too_large =
                          [this, call] {
                            return Reply(*call,
                                         Common(*call, CommonError::kBodyTooLarge, "The request body is too large."));
                          },
                      .busy = [this, call] { return Reply(*call, Busy(*call)); }};
}

bool Pipeline::IsPost(const Call& call) {
  return call.descriptor().protocol == aws::Protocol::kRestXml && !call.claim &&
         call.claim.error().problem == sigv4::ClaimProblem::kNone && IsPostForm(call.head);
}

// What a service with unsigned operations is asked without a signature. The body says which operation is meant.
bool Pipeline::IsUnsignedQuery(const Call& call) {
  if (call.descriptor().protocol != aws::Protocol::kQuery || call.claim || call.head.peer.uid ||
      call.claim.error().problem != sigv4::ClaimProblem::kNone) {
    return false;
  }
  return std::ranges::any_of(call.service->handlers, [](const gateway::Handler& handler) {
    return handler.operation->auth == aws::AuthKind::kNone;
  });
}

http::Decision Pipeline::ReceiveUnsigned(std::shared_ptr<Call> call) {
  Accept(*call, authenticator_.Anonymous());
  return http::Stream{.run = [this, call](http::BodyReader& body) { return RunUnsigned(*call, body); },
                      .busy = [this, call] { return Reply(*call, Busy(*call)); }};
}

http::Response Pipeline::RunUnsigned(Call& call, http::BodyReader& body) {
  const bool is_one_too_many = ++unread_strangers_ > kUnreadStrangersMax;
  Step step = is_one_too_many ? Busy(call) : ReadUnsigned(call, body);
  --unread_strangers_;
  if (step) step = RouteOperation(call);
  if (step && call.operation()->auth != aws::AuthKind::kNone) {
    step = Common(call, CommonError::kMissingAuthentication, "Missing Authentication Token");
  }
  return step ? Run(call) : Reply(call, step);
}

Pipeline::Step Pipeline::ReadUnsigned(Call& call, http::BodyReader& body) const {
  std::array<char, 16384> piece{};
  while (true) {
    const Expected<std::size_t> count = body.Read(piece);
    if (!count) return Common(call, CommonError::kMalformedBody, "The request body did not arrive.");
    if (*count == 0) return {};
    if (call.body.size() + *count > kUnsignedBytesMax) {
      return Common(call, CommonError::kBodyTooLarge, "The request body is too large.");
    }
    call.body.append(piece.data(), *count);
  }
}

http::Decision Pipeline::ReceivePost(std::shared_ptr<Call> call) {
  return http::Stream{.run = [this, call](http::BodyReader& body) { return RunPost(*call, body); },
                      .busy = [this, call] { return Reply(*call, Busy(*call)); }};
}

http::Response Pipeline::RunPost(Call& call, http::BodyReader& body) {
  call.form = std::make_unique<FormReader>(body, *FormBoundary(call.head.headers.Get("Content-Type")));
  const bool is_one_too_many = ++unread_strangers_ > kUnreadStrangersMax;
  Step step = is_one_too_many ? Busy(call) : ReadPost(call);
  --unread_strangers_;
  if (!step) return Reply(call, step);
  call.stream = call.form.get();
  http::Response response = Run(call);
  return response.status == 200 ? AnswerPost(std::move(response), call.head, call.form_fields, call.form_bucket)
                                : response;
}

Pipeline::Step Pipeline::ReadPost(Call& call) {
  auto bucket = router_.BucketAlone(*call.service, call.head);
  if (!bucket) return Common(call, CommonError::kUnknownOperation, "");
  call.form_bucket = *std::move(bucket);
  auto form = call.form->ReadFields();
  if (!form) return Problem(PostReadProblem(form.error()));
  call.form_fields = *std::move(form);
  const auto field = [&](std::string_view name) { return call.form_fields.Find(name).value_or(""); };
  const std::string policy(field("policy"));
  // S3 decides by policy of the bucket. Everything is denied so far.
  if (policy.empty()) return Common(call, CommonError::kAccessDenied, "Access Denied");
  const auto claim = sigv4::ReadFormClaim(field("x-amz-algorithm"), field("x-amz-credential"), field("x-amz-date"),
                                          field("x-amz-signature"), field("x-amz-security-token"));
  if (!claim) return Problem({.shape = &kInvalidArgument, .message = claim.error().message});
  auto identity = authenticator_.AuthenticateForm(*claim, call.descriptor(), policy, call.began);
  if (!identity) return Problem(ErrorOf(call, std::move(identity).error()));
  Accept(call, *std::move(identity));
  NoteSignature(call, *claim, "POST");
  // Before the policy is judged, so that the audit trail knows what was denied.
  auto put = PutOfPost(call.head, call.form_fields);
  if (!put) return Problem(std::move(put).error());
  call.head = *std::move(put);
  if (Step step = RouteOperation(call); !step) return step;
  if (call.operation()->name != "PutObject") return Common(call, CommonError::kUnknownOperation, "");
  const auto document = DecodeBase64(policy);
  if (!document) return Problem({.shape = &kInvalidPolicyDocument, .message = "Invalid Policy: it is not in base64."});
  auto lengths = JudgePost(*document, call.form_fields, call.form_bucket, call.began);
  if (!lengths && lengths.error().is_malformed) {
    return Problem({.shape = &kInvalidPolicyDocument, .message = std::move(lengths).error().message});
  }
  if (!lengths) return Common(call, CommonError::kAccessDenied, std::move(lengths).error().message);
  call.form_lengths = *lengths;
  return {};
}

// The body has arrived, or is about to: the rest of the life of a request, on a thread that may wait.
http::Response Pipeline::Run(Call& call) {
  http::Response response = Reply(call, Steps(call));
  // The connection holds the call until its client has read the response, which may take as long as the client likes.
  call.place.reset();
  call.input.reset();
  call.output.reset();
  call.resolution.reset();
  call.body = {};
  return response;
}

Pipeline::Step Pipeline::Steps(Call& call) {
  // Query services keep the operation's name in the form; only its name is read before the signature is checked.
  if (call.route.handler == nullptr) {
    if (Step step = RouteOperation(call); !step) return step;
  }
  // Before anything else is believed. Does nothing when the head was enough.
  if (Step step = AuthenticateBody(call); !step) return step;
  // After authentication, because limits belong to accounts; before parsing, so that a throttled caller costs little.
  if (Step step = Admit(call); !step) return step;
  // Before parsing, because what was damaged on its way means nothing.
  if (Step step = CheckBody(call); !step) return step;
  // Before authorisation, because resources are named by the input.
  if (Step step = ParseAndValidate(call); !step) return step;
  // Last before the handler: from here on the call is allowed.
  if (Step step = Authorize(call); !step) return step;
  return Handle(call);
}

Pipeline::Problem Pipeline::Common(const Call& call, CommonError error, std::string message) const {
  return Problem(
      aws::ApiError{.shape = &aws::CommonErrorShape(call.descriptor(), error), .message = std::move(message)});
}

Pipeline::Problem Pipeline::Busy(const Call& call) const {
  return Common(call, CommonError::kThrottled, "Please reduce your request rate.");
}

Pipeline::Step Pipeline::RouteService(Call& call) const {
  call.began = parts_.clock.Now();
  call.claim = sigv4::ReadClaim(call.head);
  call.service = &router_.FindService(call.head, call.claim ? &*call.claim : nullptr);
  CallFacts& facts = call.facts;
  facts.request_id = call.descriptor().signing_name == "s3"
                         ? RequestId(MakeRandomText(parts_.random, kS3IdAlphabet, kS3IdChars))
                         : RequestId(MakeUuid(parts_.random));
  facts.now = call.began;
  facts.source_ip = call.head.peer.address;
  facts.user_agent = call.head.headers.Get("User-Agent");
  facts.host = call.head.headers.Get("Host");
  facts.referer = call.head.headers.Get("Referer");
  facts.tls = call.head.peer.tls;
  return {};
}

Pipeline::Step Pipeline::Authenticate(Call& call, std::string_view payload_hash) const {
  std::expected<Identity, AuthenticateProblem> identity =
      authenticator_.Authenticate(call.head, *call.claim, call.descriptor(), payload_hash, call.began);
  if (!identity) return Problem(ErrorOf(call, std::move(identity).error()));
  Accept(call, *std::move(identity));
  NoteSignature(call, *call.claim, call.claim->presigned ? "REST-QUERY-STRING" : "REST-HEADER");
  return {};
}

aws::ApiError Pipeline::ErrorOf(const Call& call, AuthenticateProblem problem) {
  return {.shape = &aws::CommonErrorShape(call.descriptor(), problem.error),
          .message = std::move(problem.message),
          .extras = std::move(problem.extras)};
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html
void Pipeline::NoteSignature(Call& call, const sigv4::Claim& claim, std::string_view auth_type) {
  if (call.descriptor().protocol != aws::Protocol::kRestXml) return;
  policy::Context& signature = call.facts.signature;
  signature.Set("s3:authType", std::string(auth_type));
  signature.Set("s3:signatureversion", "AWS4-HMAC-SHA256");
  signature.Set("s3:signatureAge", std::to_string((call.began.micros - claim.date.micros) / 1000));
  if (const auto hash = call.head.headers.Find("x-amz-content-sha256")) {
    signature.Set("s3:x-amz-content-sha256", std::string(*hash));
  }
}

void Pipeline::Accept(Call& call, Identity identity) {
  call.identity = std::move(identity);
  call.is_authenticated = true;
  call.facts.caller = call.identity.principal;
  call.facts.region = call.identity.region;
}

Pipeline::Step Pipeline::AuthenticateHead(Call& call) const {
  const bool is_s3 = call.descriptor().protocol == aws::Protocol::kRestXml;
  if (!call.claim) {
    if (call.head.peer.uid && call.claim.error().problem == sigv4::ClaimProblem::kNone) {
      std::expected<Identity, AuthenticateProblem> identity = authenticator_.AuthenticateOperator(call.head);
      if (!identity) return Common(call, identity.error().error, identity.error().message);
      Accept(call, *std::move(identity));
    } else if (is_s3 && IsSignedAsOfOld(call.head)) {
      // Debian's boto3 still makes such addresses by default.
      return Problem({.shape = &kInvalidRequest,
                      .message = "The authorization mechanism you have provided is not supported. Please use "
                                 "AWS4-HMAC-SHA256 (boto3: Config(signature_version='s3v4'))."});
    } else if (is_s3 && call.claim.error().problem == sigv4::ClaimProblem::kNone) {
      // S3 decides by the bucket's policy.
      Accept(call, authenticator_.Anonymous());
    } else {
      const AuthenticateProblem problem = Authenticator::ProblemOf(call.claim.error());
      return Common(call, problem.error, problem.message);
    }
    return {};
  }

  const std::optional<std::string_view> declared = call.head.headers.Find("x-amz-content-sha256");
  if (is_s3 && call.claim->presigned) return Authenticate(call, declared.value_or(sigv4::kUnsignedPayload));
  // Only S3 lets a client leave its payload out of the signature.
  if (declared && (is_s3 || *declared != sigv4::kUnsignedPayload)) return Authenticate(call, *declared);
  if (is_s3) {
    return Common(call, CommonError::kIncompleteSignature,
                  "Missing required header for this request: x-amz-content-sha256");
  }
  if (!call.head.HasBody()) return Authenticate(call, EmptySha256Hex());
  return {};  // the hash of the body is needed, also to refuse a key that nobody has
}

Pipeline::Step Pipeline::AuthenticateBody(Call& call) const {
  if (call.stream != nullptr) return {};
  if (!call.is_authenticated) return Authenticate(call, crypto::Sha256Hex(call.body));
  const std::optional<std::string_view> declared = call.head.headers.Find("x-amz-content-sha256");
  if (!declared || *declared == sigv4::kUnsignedPayload || !call.claim) return {};
  if (*declared != crypto::Sha256Hex(call.body)) {
    return Common(call, CommonError::kPayloadHashMismatch,
                  "The provided 'x-amz-content-sha256' header does not match what was computed.");
  }
  return {};
}

Pipeline::Step Pipeline::RouteOperation(Call& call) const {
  std::expected<Route, RouteProblem> route = router_.FindOperation(*call.service, call.head, call.body);
  if (!route) return Common(call, route.error().error, std::move(route.error().message));
  call.route = *std::move(route);
  call.facts.operation = call.operation();
  return {};
}

Pipeline::Step Pipeline::Admit(Call& call) {
  std::optional<Admission::Place> place = admission_.TakePlace();
  if (!place) {
    return Common(call, CommonError::kServiceUnavailable, "Too many requests are in flight. Please try again.");
  }
  call.place.emplace(*std::move(place));
  // Of this moment, not of the request's beginning: that of a slow upload would count the time since then twice.
  if (!admission_.TakeToken(call.descriptor().signing_name, call.operation()->name, call.facts.account(),
                            call.facts.region, parts_.clock)) {
    return Common(call, CommonError::kThrottled, "Rate exceeded");
  }
  call.is_admitted = true;
  return {};
}

Pipeline::Step Pipeline::CheckBody(const Call& call) const {
  if (call.stream != nullptr || call.descriptor().protocol != aws::Protocol::kRestXml) return {};
  return CheckBodyDigests(call.head, *call.operation(), call.body);
}

Pipeline::Step Pipeline::ParseAndValidate(Call& call) const {
  const aws::OperationDescriptor& operation = *call.operation();
  std::shared_ptr<void> input = call.route.handler->make_input();
  std::vector<aws::Violation> violations;
  const aws::Codec& codec = aws::CodecFor(call.descriptor().protocol);
  auto parsed =
      codec.Parse(operation, {.head = call.head, .path = call.route.path, .query = call.route.query, .body = call.body},
                  input.get(), violations);
  if (operation.sensitive_input) Wipe(call.body);
  if (!parsed) return Common(call, CommonError::kMalformedBody, std::move(parsed).error().message);
  const bool is_s3 = call.descriptor().protocol == aws::Protocol::kRestXml;
  std::vector<aws::Violation> more =
      aws::Validate(*operation.input, input.get(), is_s3 ? aws::Strings::kBytes : aws::Strings::kText);
  violations.insert(violations.end(), more.begin(), more.end());
  if (!violations.empty()) return Common(call, CommonError::kValidation, aws::FormatViolations(violations));
  call.input = std::move(input);
  return {};
}

Pipeline::Step Pipeline::Authorize(Call& call) {
  const gateway::Handler& handler = *call.route.handler;
  std::optional<aws::ApiError> not_found;
  if (handler.resolve != nullptr) {
    std::expected<Resolution, aws::ApiError> found =
        handler.resolve(call.service->service, call.facts, call.input.get());
    if (found) {
      call.resolution = *std::move(found);
      if (call.resolution->caller) call.facts.caller = *call.resolution->caller;
    } else {
      not_found = std::move(found).error();
      // The resolver of an unsigned operation finds out who calls. Where it cannot there is nobody to authorise.
      if (handler.operation->auth == aws::AuthKind::kNone) return Problem(*std::move(not_found));
    }
  }
  const auto refuse = [&](Error error) -> Step {
    if (error.code == Code::kDenied) return Common(call, CommonError::kAccessDenied, std::move(error.message));
    return Problem(
        {.origin = error.code == Code::kUnavailable ? aws::ErrorOrigin::kUnavailable : aws::ErrorOrigin::kInternal,
         .cause = std::move(error.message)});
  };
  auto rights = authorizer_.RightsOf(call.facts, call.input.get());
  if (!rights) return refuse(std::move(rights).error());
  call.facts.rights = *std::move(rights);
  // What does not exist is told only to those who might see it if it did.
  auto allowed = authorizer_.Authorize(call.facts, call.input.get(), call.resolution ? &*call.resolution : nullptr);
  if (!allowed) return refuse(std::move(allowed).error());
  if (not_found) return Problem(*std::move(not_found));
  return {};
}

Pipeline::Step Pipeline::Handle(Call& call) {
  if (call.stream != nullptr) {
    std::expected<PayloadRules, aws::ApiError> rules =
        MakePayloadRules(call.head, call.claim ? &*call.claim : nullptr, call.identity.signing_key);
    if (!rules) return std::unexpected(std::move(rules).error());
    rules->bytes_min = call.form_lengths.min;
    rules->bytes_max = call.form_lengths.max;
    call.payload = std::make_unique<PayloadReader>(*call.stream, *std::move(rules), call.descriptor());
  }
  const AuthorizedCall authorized{.facts = call.facts,
                                  .services = *this,
                                  .input = call.input.get(),
                                  .payload = call.payload.get(),
                                  .resolution = std::move(call.resolution)};
  std::expected<std::shared_ptr<void>, aws::ApiError> output =
      call.route.handler->run(call.service->service, authorized);
  // The payload knows better than the handler what was wrong with it.
  if (call.payload && call.payload->failure()) return Problem(*call.payload->failure());
  if (!output) return std::unexpected(std::move(output).error());
  call.output = *std::move(output);
  return {};
}

Expected<policy::Grant> Pipeline::Require(const CallFacts& facts, std::string_view action, const Resource& resource) {
  return authorizer_.Require(facts, action, resource);
}

Expected<void> Pipeline::Record(db::Transaction& transaction, const CallFacts& facts, const void* input,
                                const void* output) {
  RETURN_IF_ERROR(auditor_.RecordChange(transaction, facts, input, output));
  // Not before the commit: a transaction may run again, and then record nothing.
  transaction.AfterCommit([&facts] { facts.is_recorded = true; });
  return {};
}

http::Response Pipeline::Reply(Call& call, const Step& outcome) {
  if (!outcome) return ReplyFailure(call, outcome.error());
  if (!call.facts.is_recorded) {
    auto recorded = auditor_.RecordOutcome(call.facts, call.input.get(), call.output.get(), nullptr);
    if (!recorded) {
      call.output = nullptr;
      return ReplyFailure(call, aws::ApiError{.origin = aws::ErrorOrigin::kUnavailable,
                                              .cause = "audit record: " + recorded.error().message});
    }
  }
  const aws::OperationDescriptor& operation = *call.operation();
  http::Response response =
      aws::CodecFor(call.descriptor().protocol).Write(operation, call.output.get(), call.facts.request_id.str());
  if (operation.streaming_output) {
    for (const aws::Member& member : operation.output->members) {
      if (!member.streaming) continue;
      response.body = std::move(*static_cast<http::Body*>(const_cast<void*>(member.get(call.output.get()))));
    }
  }
  // RFC 9110 §15.3.7; S3 answers HEAD with the status of the GET, too.
  if (response.headers.Find("Content-Range")) response.status = 206;
  return Finish(call, std::move(response), {});
}

http::Response Pipeline::ReplyFailure(Call& call, aws::ApiError error) {
  switch (error.origin) {
    case aws::ErrorOrigin::kModelled: break;
    case aws::ErrorOrigin::kAccessDenied:
      error.shape = &aws::CommonErrorShape(call.descriptor(), CommonError::kAccessDenied);
      break;
    case aws::ErrorOrigin::kUnavailable:
      error.shape = &aws::CommonErrorShape(call.descriptor(), CommonError::kServiceUnavailable);
      error.message = "Please try again.";
      break;
    case aws::ErrorOrigin::kNoRoom:
      error.shape = &aws::CommonErrorShape(call.descriptor(), CommonError::kServiceUnavailable);
      error.message = "The server has no room left to store this. Its operator has to make some.";
      break;
    case aws::ErrorOrigin::kInternal:
      error.shape = &aws::CommonErrorShape(call.descriptor(), CommonError::kInternal);
      error.message = "We encountered an internal error. Please try again.";
      break;
  }
  if (!error.cause.empty()) {
    telemetry::Log(telemetry::Level::kWarning, "request_failed",
                   {{"request", call.facts.request_id.str()}, {"error", error.shape->name}, {"cause", error.cause}});
  }
  // Calls without a known caller or operation are in nobody's trail; the log has them.
  if (call.is_authenticated && call.operation() != nullptr && !call.facts.account().empty()) {
    auto recorded = auditor_.RecordOutcome(call.facts, call.input.get(), nullptr, &error, call.is_admitted);
    if (!recorded) {
      telemetry::Log(telemetry::Level::kError, "audit_record_lost",
                     {{"request", call.facts.request_id.str()}, {"cause", recorded.error().message}});
    }
  }
  http::Response response =
      aws::CodecFor(call.descriptor().protocol)
          .WriteError(call.descriptor(), error, call.facts.request_id.str(), call.head.method == "HEAD");
  return Finish(call, std::move(response), error.shape->wire_code);
}

http::Response Pipeline::Finish(Call& call, http::Response response, std::string_view error_code) const {
  const std::string_view operation = call.operation() != nullptr ? call.operation()->name : std::string_view("-");
  const Duration took = parts_.clock.Now() - call.began;
  CountRequest(call, response.status, took);
  telemetry::Log(telemetry::Level::kInfo, "request",
                 {{"request", call.facts.request_id.str()},
                  {"service", call.descriptor().signing_name},
                  {"operation", operation},
                  {"account", call.facts.account().str()},
                  {"status", response.status},
                  {"error", error_code},
                  {"micros", took.count()}});
  return response;
}

void Pipeline::CountRequest(const Call& call, int status, Duration took) const {
  if (call.operation() == nullptr) return unrouted_.Add();
  const OperationMetrics& metrics = operation_metrics_.at(call.operation());
  (status < 400 ? metrics.succeeded : status < 500 ? metrics.refused : metrics.failed).Add();
  metrics.seconds.Observe(static_cast<double>(took.count()) / 1e6);
}

}  // namespace firmsign::gateway

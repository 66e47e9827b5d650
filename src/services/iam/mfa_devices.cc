// SPDX-License-Identifier: Apache-2.0
//
// Virtual MFA devices: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_virtual.html

#include "platform/qr/qr.h"
#include "services/iam/alias_store.h"
#include "services/iam/handlers.h"
#include "services/iam/mfa_store.h"
#include "services/iam/operations.h"
#include "services/iam/totp.h"

namespace firmsign::iam {
namespace {

constexpr std::int64_t kDevicesOfAUserMax = 8;
constexpr std::size_t kSerialCharsMax = 256;  // else no other operation takes it
constexpr SecretAccess kPicture("the picture of a new MFA device's seed, which is shown once");

// One of the account's. NoSuchEntityException.
template <class Op>
Found<Op, mfa::Device> NeedDevice(db::Reader& reader, const Call<Op>& call) {
  const std::string& serial = call.input().serial_number;
  ASSIGN_OR_RETURN(auto device, mfa::Find(reader, serial));
  const auto named = ParseEntityArn(serial, Kind::kMfaDevice);
  if (!device || !named || named->account != call.facts().account()) {
    return aws::Refuse<errors::NoSuchEntityException>(
        fmt::format("VirtualMFADevice with serial number {} doesn't exist.", serial));
  }
  return *std::move(device);
}

// What an authenticator app reads, as a picture: otpauth://totp/NAME@ACCOUNT?secret=SEED, where the account is called
// by its alias if it has one. https://docs.aws.amazon.com/IAM/latest/APIReference/API_VirtualMFADevice.html
Expected<SecretBytes> PictureOf(db::Reader& reader, const Entity& device, const SecretBytes& seed) {
  ASSIGN_OR_RETURN(const auto alias, aliases::Of(reader, device.account));
  const std::string address = fmt::format("otpauth://totp/{}@{}?secret={}", EncodePercent(device.name),
                                          alias.value_or(device.account.str()), seed.Reveal(kPicture));
  ASSIGN_OR_RETURN(std::string png, qr::MakePng(address));
  return SecretBytes(std::move(png));
}

}  // namespace

aws::Result<ops::CreateVirtualMFADevice> CreateVirtualMFADevice(Service& iam,
                                                                const Call<ops::CreateVirtualMFADevice>& call) {
  using Op = ops::CreateVirtualMFADevice;
  const CreateVirtualMFADeviceRequest& input = call.input();
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    const AccountId& account = call.facts().account();
    ASSIGN_OR_RETURN(const policy::Tags tags, TagsIn<Op>(input.tags));
    ASSIGN_OR_RETURN(const auto taken,
                     entities::Find(transaction, account, Kind::kMfaDevice, input.virtual_mfa_device_name));
    if (taken) {
      return aws::Refuse<errors::EntityAlreadyExistsException>(
          "MFADevice entity at the same path and name already exists.");
    }
    Entity entity{.kind = Kind::kMfaDevice,
                  .id = {},
                  .account = account,
                  .name = input.virtual_mfa_device_name,
                  .path = input.path.value_or("/"),
                  .created_at = call.facts().now,
                  .updated_at = call.facts().now};
    entity.id = entity.arn();
    if (entity.id.size() > kSerialCharsMax) {
      return aws::Refuse<errors::InvalidInputException>(
          fmt::format("The serial number of the device, {}, would have more than {} characters.",
                      entity.id.substr(0, kSerialCharsMax), kSerialCharsMax));
    }
    const SecretBytes seed = MakeTotpSeed(iam.random);
    RETURN_IF_ERROR(entities::Insert(transaction, entity));
    RETURN_IF_ERROR(PutTags(transaction, entity.id, tags));
    RETURN_IF_ERROR(mfa::Insert(transaction, {.serial = entity.id,
                                              .sealed_seed = iam.keyring.Seal(mfa::SealingContext(entity.id), seed),
                                              .user_id = {},
                                              .enabled_at = {},
                                              .last_step = 0}));
    ASSIGN_OR_RETURN(SecretBytes picture, PictureOf(transaction, entity, seed));
    return CreateVirtualMFADeviceResponse{.virtual_mfa_device = {.serial_number = entity.id,
                                                                 .base32_string_seed = seed,
                                                                 .qr_code_png = std::move(picture),
                                                                 .tags = TagsAnswer(tags)}};
  });
}

aws::Result<ops::EnableMFADevice> EnableMFADevice(Service& iam, const Call<ops::EnableMFADevice>& call) {
  using Op = ops::EnableMFADevice;
  const EnableMFADeviceRequest& input = call.input();
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const Entity user, NeedNamed(transaction, call));
    ASSIGN_OR_RETURN(mfa::Device device, NeedDevice(transaction, call));
    if (!device.user_id.empty()) {
      return aws::Refuse<errors::EntityAlreadyExistsException>("MFA Device is already in use.");
    }
    ASSIGN_OR_RETURN(const auto devices, mfa::DevicesOf(transaction, user.id));
    RETURN_IF_ERROR(CheckQuota<Op>("MFADevicesPerUser", std::ssize(devices), kDevicesOfAUserMax));
    ASSIGN_OR_RETURN(const SecretBytes seed, iam.keyring.Open(mfa::SealingContext(device.serial), device.sealed_seed));
    const auto first = FindTotpStep(seed, input.authentication_code1, call.facts().now);
    const auto second = FindTotpStep(seed, input.authentication_code2, call.facts().now);
    // Nor those that counted before, when it was enabled earlier.
    if (!first || !second || *second != *first + 1 || *first <= device.last_step) {
      return aws::Refuse<errors::InvalidAuthenticationCodeException>(
          "Authentication code for device is not valid: two codes are wanted that the device showed one after the "
          "other.");
    }
    device.user_id = user.id;
    device.enabled_at = call.facts().now;
    device.last_step = *second;
    RETURN_IF_ERROR(mfa::Update(transaction, device));
    return Op::Output{};
  });
}

aws::Result<ops::DeactivateMFADevice> DeactivateMFADevice(Service& iam, const Call<ops::DeactivateMFADevice>& call) {
  using Op = ops::DeactivateMFADevice;
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(mfa::Device device, NeedDevice(transaction, call));
    std::string user_id = call.caller().entity_id;
    if (call.input().user_name) {
      ASSIGN_OR_RETURN(const Entity user, NeedNamed(transaction, call));
      user_id = user.id;
    }
    if (device.user_id.empty() || device.user_id != user_id) {
      return aws::Refuse<errors::NoSuchEntityException>(
          fmt::format("MFA device {} is not one of the user's.", device.serial));
    }
    device.user_id.clear();
    RETURN_IF_ERROR(mfa::Update(transaction, device));
    return Op::Output{};
  });
}

aws::Result<ops::DeleteVirtualMFADevice> DeleteVirtualMFADevice(Service& iam,
                                                                const Call<ops::DeleteVirtualMFADevice>& call) {
  using Op = ops::DeleteVirtualMFADevice;
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const mfa::Device device, NeedDevice(transaction, call));
    if (!device.user_id.empty()) {
      return aws::Refuse<errors::DeleteConflictException>("MFA VirtualDevice in use. Must deactivate first.");
    }
    ASSIGN_OR_RETURN(const auto entity, entities::FindById(transaction, device.serial));
    RETURN_IF_ERROR(mfa::Remove(transaction, device.serial));
    if (entity) RETURN_IF_ERROR(entities::Remove(transaction, *entity));
    return Op::Output{};
  });
}

aws::Result<ops::ListMFADevices> ListMFADevices(Service& iam, const Call<ops::ListMFADevices>& call) {
  using Op = ops::ListMFADevices;
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<Op> {
    std::string id = call.caller().entity_id;
    std::string name = call.caller().name;
    if (call.input().user_name) {
      ASSIGN_OR_RETURN(const Entity user, NeedNamed(reader, call));
      id = user.id;
      name = user.name;
    }
    std::vector<mfa::Device> devices;
    if (!id.empty()) {
      ASSIGN_OR_RETURN(devices, mfa::DevicesOf(reader, id));
    }
    ListMFADevicesResponse output;
    RETURN_IF_ERROR(CutPage<Op>(call.input(), output, devices, [](const mfa::Device& one) { return one.serial; }));
    for (const mfa::Device& device : devices) {
      output.mfa_devices.push_back(
          {.user_name = name, .serial_number = device.serial, .enable_date = device.enabled_at});
    }
    return output;
  });
}

aws::Result<ops::ListVirtualMFADevices> ListVirtualMFADevices(Service& iam,
                                                              const Call<ops::ListVirtualMFADevices>& call) {
  using Op = ops::ListVirtualMFADevices;
  const std::optional<std::string>& status = call.input().assignment_status;
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(auto entities, entities::All(reader, call.facts().account(), Kind::kMfaDevice));
    std::vector<VirtualMFADevice> answers;
    for (const Entity& entity : entities) {
      ASSIGN_OR_RETURN(const auto device, mfa::Find(reader, entity.id));
      if (!device) continue;
      const bool is_assigned = !device->user_id.empty();
      if (status == AssignmentStatusType::kAssigned && !is_assigned) continue;
      if (status == AssignmentStatusType::kUnassigned && is_assigned) continue;
      VirtualMFADevice answer{.serial_number = device->serial};
      if (is_assigned) {
        ASSIGN_OR_RETURN(const auto user, entities::FindById(reader, device->user_id));
        if (user) answer.user = UserAnswer(*user);
        answer.enable_date = device->enabled_at;
      }
      answers.push_back(std::move(answer));
    }
    std::ranges::sort(answers, {}, &VirtualMFADevice::serial_number);
    ListVirtualMFADevicesResponse output;
    RETURN_IF_ERROR(
        CutPage<Op>(call.input(), output, answers, [](const VirtualMFADevice& one) { return one.serial_number; }));
    output.virtual_mfa_devices = std::move(answers);
    return output;
  });
}

}  // namespace firmsign::iam

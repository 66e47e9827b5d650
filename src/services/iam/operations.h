// SPDX-License-Identifier: Apache-2.0
//
// The operations of IAM. The files are called after what they are about: users.cc, roles.cc, attachments.cc, …

#pragma once

#include "aws/api_error.h"
#include "gateway/call.h"
#include "gateway/route_table.h"
#include "model/iam.h"
#include "services/iam/service.h"

namespace firmsign::iam {

template <class Op>
using Handles = aws::Result<Op>(Service& iam, const gateway::Authorized<Op>& call);

// Users.
Handles<ops::CreateUser> CreateUser;
Handles<ops::GetUser> GetUser;
Handles<ops::UpdateUser> UpdateUser;
Handles<ops::DeleteUser> DeleteUser;
Handles<ops::ListUsers> ListUsers;
Handles<ops::TagUser> TagUser;
Handles<ops::UntagUser> UntagUser;
Handles<ops::ListUserTags> ListUserTags;

// Groups.
Handles<ops::CreateGroup> CreateGroup;
Handles<ops::GetGroup> GetGroup;
Handles<ops::UpdateGroup> UpdateGroup;
Handles<ops::DeleteGroup> DeleteGroup;
Handles<ops::ListGroups> ListGroups;
Handles<ops::AddUserToGroup> AddUserToGroup;
Handles<ops::RemoveUserFromGroup> RemoveUserFromGroup;
Handles<ops::ListGroupsForUser> ListGroupsForUser;

// Roles.
Handles<ops::CreateRole> CreateRole;
Handles<ops::GetRole> GetRole;
Handles<ops::UpdateRole> UpdateRole;
Handles<ops::UpdateRoleDescription> UpdateRoleDescription;
Handles<ops::DeleteRole> DeleteRole;
Handles<ops::ListRoles> ListRoles;
Handles<ops::UpdateAssumeRolePolicy> UpdateAssumeRolePolicy;
Handles<ops::TagRole> TagRole;
Handles<ops::UntagRole> UntagRole;
Handles<ops::ListRoleTags> ListRoleTags;
Handles<ops::CreateServiceLinkedRole> CreateServiceLinkedRole;

// Access keys.
Handles<ops::CreateAccessKey> CreateAccessKey;
Handles<ops::UpdateAccessKey> UpdateAccessKey;
Handles<ops::DeleteAccessKey> DeleteAccessKey;
Handles<ops::ListAccessKeys> ListAccessKeys;
Handles<ops::GetAccessKeyLastUsed> GetAccessKeyLastUsed;

// Policies within users, groups and roles.
Handles<ops::PutUserPolicy> PutUserPolicy;
Handles<ops::GetUserPolicy> GetUserPolicy;
Handles<ops::DeleteUserPolicy> DeleteUserPolicy;
Handles<ops::ListUserPolicies> ListUserPolicies;
Handles<ops::PutGroupPolicy> PutGroupPolicy;
Handles<ops::GetGroupPolicy> GetGroupPolicy;
Handles<ops::DeleteGroupPolicy> DeleteGroupPolicy;
Handles<ops::ListGroupPolicies> ListGroupPolicies;
Handles<ops::PutRolePolicy> PutRolePolicy;
Handles<ops::GetRolePolicy> GetRolePolicy;
Handles<ops::DeleteRolePolicy> DeleteRolePolicy;
Handles<ops::ListRolePolicies> ListRolePolicies;

// Managed policies.
Handles<ops::CreatePolicy> CreatePolicy;
Handles<ops::GetPolicy> GetPolicy;
Handles<ops::DeletePolicy> DeletePolicy;
Handles<ops::ListPolicies> ListPolicies;
Handles<ops::CreatePolicyVersion> CreatePolicyVersion;
Handles<ops::GetPolicyVersion> GetPolicyVersion;
Handles<ops::DeletePolicyVersion> DeletePolicyVersion;
Handles<ops::ListPolicyVersions> ListPolicyVersions;
Handles<ops::SetDefaultPolicyVersion> SetDefaultPolicyVersion;
Handles<ops::ListEntitiesForPolicy> ListEntitiesForPolicy;
Handles<ops::TagPolicy> TagPolicy;
Handles<ops::UntagPolicy> UntagPolicy;
Handles<ops::ListPolicyTags> ListPolicyTags;

// To whom they are attached.
Handles<ops::AttachUserPolicy> AttachUserPolicy;
Handles<ops::DetachUserPolicy> DetachUserPolicy;
Handles<ops::ListAttachedUserPolicies> ListAttachedUserPolicies;
Handles<ops::AttachGroupPolicy> AttachGroupPolicy;
Handles<ops::DetachGroupPolicy> DetachGroupPolicy;
Handles<ops::ListAttachedGroupPolicies> ListAttachedGroupPolicies;
Handles<ops::AttachRolePolicy> AttachRolePolicy;
Handles<ops::DetachRolePolicy> DetachRolePolicy;
Handles<ops::ListAttachedRolePolicies> ListAttachedRolePolicies;

// Permissions boundaries.
Handles<ops::PutUserPermissionsBoundary> PutUserPermissionsBoundary;
Handles<ops::DeleteUserPermissionsBoundary> DeleteUserPermissionsBoundary;
Handles<ops::PutRolePermissionsBoundary> PutRolePermissionsBoundary;
Handles<ops::DeleteRolePermissionsBoundary> DeleteRolePermissionsBoundary;

// Instance profiles.
Handles<ops::CreateInstanceProfile> CreateInstanceProfile;
Handles<ops::GetInstanceProfile> GetInstanceProfile;
Handles<ops::DeleteInstanceProfile> DeleteInstanceProfile;
Handles<ops::ListInstanceProfiles> ListInstanceProfiles;
Handles<ops::ListInstanceProfilesForRole> ListInstanceProfilesForRole;
Handles<ops::AddRoleToInstanceProfile> AddRoleToInstanceProfile;
Handles<ops::RemoveRoleFromInstanceProfile> RemoveRoleFromInstanceProfile;

// Passwords.
Handles<ops::CreateLoginProfile> CreateLoginProfile;
Handles<ops::GetLoginProfile> GetLoginProfile;
Handles<ops::UpdateLoginProfile> UpdateLoginProfile;
Handles<ops::DeleteLoginProfile> DeleteLoginProfile;
Handles<ops::ChangePassword> ChangePassword;
Handles<ops::GetAccountPasswordPolicy> GetAccountPasswordPolicy;
Handles<ops::UpdateAccountPasswordPolicy> UpdateAccountPasswordPolicy;
Handles<ops::DeleteAccountPasswordPolicy> DeleteAccountPasswordPolicy;

// The account.
Handles<ops::CreateAccountAlias> CreateAccountAlias;
Handles<ops::DeleteAccountAlias> DeleteAccountAlias;
Handles<ops::ListAccountAliases> ListAccountAliases;
Handles<ops::GetAccountSummary> GetAccountSummary;
Handles<ops::GetAccountAuthorizationDetails> GetAccountAuthorizationDetails;

// SAML providers.
Handles<ops::CreateSAMLProvider> CreateSAMLProvider;
Handles<ops::GetSAMLProvider> GetSAMLProvider;
Handles<ops::UpdateSAMLProvider> UpdateSAMLProvider;
Handles<ops::DeleteSAMLProvider> DeleteSAMLProvider;
Handles<ops::ListSAMLProviders> ListSAMLProviders;

// OpenID providers.
std::expected<gateway::Resolution, aws::OperationError<ops::CreateOpenIDConnectProvider>>
ResolveCreateOpenIDConnectProvider(Service& iam, const gateway::CallFacts& facts,
                                   const CreateOpenIDConnectProviderRequest& input);
Handles<ops::CreateOpenIDConnectProvider> CreateOpenIDConnectProvider;
Handles<ops::GetOpenIDConnectProvider> GetOpenIDConnectProvider;
Handles<ops::DeleteOpenIDConnectProvider> DeleteOpenIDConnectProvider;
Handles<ops::ListOpenIDConnectProviders> ListOpenIDConnectProviders;
Handles<ops::AddClientIDToOpenIDConnectProvider> AddClientIDToOpenIDConnectProvider;
Handles<ops::RemoveClientIDFromOpenIDConnectProvider> RemoveClientIDFromOpenIDConnectProvider;
Handles<ops::UpdateOpenIDConnectProviderThumbprint> UpdateOpenIDConnectProviderThumbprint;

// MFA devices.
Handles<ops::CreateVirtualMFADevice> CreateVirtualMFADevice;
Handles<ops::EnableMFADevice> EnableMFADevice;
Handles<ops::DeactivateMFADevice> DeactivateMFADevice;
Handles<ops::DeleteVirtualMFADevice> DeleteVirtualMFADevice;
Handles<ops::ListMFADevices> ListMFADevices;
Handles<ops::ListVirtualMFADevices> ListVirtualMFADevices;

// Credentials that there are none of.
Handles<ops::ListSSHPublicKeys> ListSSHPublicKeys;
Handles<ops::ListSigningCertificates> ListSigningCertificates;
Handles<ops::ListServiceSpecificCredentials> ListServiceSpecificCredentials;

// What policies would decide.
Handles<ops::SimulatePrincipalPolicy> SimulatePrincipalPolicy;
Handles<ops::SimulateCustomPolicy> SimulateCustomPolicy;
Handles<ops::GetContextKeysForCustomPolicy> GetContextKeysForCustomPolicy;
Handles<ops::GetContextKeysForPrincipalPolicy> GetContextKeysForPrincipalPolicy;

// Reports.
Handles<ops::GenerateCredentialReport> GenerateCredentialReport;
Handles<ops::GetCredentialReport> GetCredentialReport;

// The service as the gateway sees it. `service` outlives the result.
gateway::ServiceRoutes Routes(Service& service);

}  // namespace firmsign::iam

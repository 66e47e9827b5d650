// SPDX-License-Identifier: Apache-2.0
//
// AWS Identity and Access Management, API version 2010-05-08: users, groups, roles, policies, access keys, passwords,
// MFA devices, identity providers. What a signing team, Terraform and CDK touch; the rest of IAM is left out.

$version: "2"
$operationInputSuffix: "Request"
$operationOutputSuffix: "Response"

namespace firmsign.iam

@awsQuery
@xmlNamespace(uri: "https://iam.amazonaws.com/doc/2010-05-08/")
@sigv4(name: "iam")
@eventSource("iam.amazonaws.com")
service Iam {
    version: "2010-05-08"
    operations: [
        CreateUser
        GetUser
        UpdateUser
        DeleteUser
        ListUsers
        TagUser
        UntagUser
        ListUserTags
        CreateGroup
        GetGroup
        UpdateGroup
        DeleteGroup
        ListGroups
        AddUserToGroup
        RemoveUserFromGroup
        ListGroupsForUser
        CreateRole
        GetRole
        UpdateRole
        UpdateRoleDescription
        DeleteRole
        ListRoles
        UpdateAssumeRolePolicy
        TagRole
        UntagRole
        ListRoleTags
        CreateServiceLinkedRole
        CreateAccessKey
        UpdateAccessKey
        DeleteAccessKey
        ListAccessKeys
        GetAccessKeyLastUsed
        PutUserPolicy
        GetUserPolicy
        DeleteUserPolicy
        ListUserPolicies
        PutGroupPolicy
        GetGroupPolicy
        DeleteGroupPolicy
        ListGroupPolicies
        PutRolePolicy
        GetRolePolicy
        DeleteRolePolicy
        ListRolePolicies
        CreatePolicy
        GetPolicy
        DeletePolicy
        ListPolicies
        CreatePolicyVersion
        GetPolicyVersion
        DeletePolicyVersion
        ListPolicyVersions
        SetDefaultPolicyVersion
        ListEntitiesForPolicy
        TagPolicy
        UntagPolicy
        ListPolicyTags
        AttachUserPolicy
        DetachUserPolicy
        ListAttachedUserPolicies
        AttachGroupPolicy
        DetachGroupPolicy
        ListAttachedGroupPolicies
        AttachRolePolicy
        DetachRolePolicy
        ListAttachedRolePolicies
        PutUserPermissionsBoundary
        DeleteUserPermissionsBoundary
        PutRolePermissionsBoundary
        DeleteRolePermissionsBoundary
        CreateInstanceProfile
        GetInstanceProfile
        DeleteInstanceProfile
        ListInstanceProfiles
        ListInstanceProfilesForRole
        AddRoleToInstanceProfile
        RemoveRoleFromInstanceProfile
        CreateLoginProfile
        GetLoginProfile
        UpdateLoginProfile
        DeleteLoginProfile
        ChangePassword
        GetAccountPasswordPolicy
        UpdateAccountPasswordPolicy
        DeleteAccountPasswordPolicy
        CreateAccountAlias
        DeleteAccountAlias
        ListAccountAliases
        GetAccountSummary
        GetAccountAuthorizationDetails
        CreateSAMLProvider
        GetSAMLProvider
        UpdateSAMLProvider
        DeleteSAMLProvider
        ListSAMLProviders
        CreateOpenIDConnectProvider
        GetOpenIDConnectProvider
        DeleteOpenIDConnectProvider
        ListOpenIDConnectProviders
        AddClientIDToOpenIDConnectProvider
        RemoveClientIDFromOpenIDConnectProvider
        UpdateOpenIDConnectProviderThumbprint
        CreateVirtualMFADevice
        EnableMFADevice
        DeactivateMFADevice
        DeleteVirtualMFADevice
        ListMFADevices
        ListVirtualMFADevices
        ListSSHPublicKeys
        ListSigningCertificates
        ListServiceSpecificCredentials
        SimulatePrincipalPolicy
        SimulateCustomPolicy
        GetContextKeysForCustomPolicy
        GetContextKeysForPrincipalPolicy
        GenerateCredentialReport
        GetCredentialReport
    ]
}

@mixin
@observed("anything can be forbidden, and malformed input is a ValidationError everywhere")
operation AnswersOfIam {
    errors: [ValidationError, AccessDenied]
}

@mixin
@observed("a key that is not the account's")
operation AnswersAboutKeys {
    errors: [NoSuchEntityException]
}

// Operations

/// Makes a user without any rights.
@audit("write")
@iam([
    {action: "iam:CreateUser", resource: "arn:aws:iam::{account}:user/{UserName}"}
    {action: "iam:TagUser", resource: "arn:aws:iam::{account}:user/{UserName}", condition: "Tags"}
])
operation CreateUser with [AnswersOfIam] {
    input := {
        @since("2023") Path: PathType
        @required UserName: UserNameType
        @conditionKey("iam:PermissionsBoundary") PermissionsBoundary: ArnType
        @conditionKey("aws:RequestTag") Tags: TagListType
    }
    output := {
        User: User
    }
    errors: [LimitExceededException, EntityAlreadyExistsException, NoSuchEntityException, InvalidInputException, ConcurrentModificationException, ServiceFailureException]
}

/// Shows one user; without a name the caller itself.
@audit("read")
@iam([{action: "iam:GetUser", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation GetUser with [AnswersOfIam] {
    input := {
        UserName: ExistingUserNameType
    }
    output := {
        @required User: User
    }
    errors: [NoSuchEntityException, ServiceFailureException]
}

/// Gives a user another name or path; its id and its rights stay.
@audit("write")
@iam([{action: "iam:UpdateUser", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation UpdateUser with [AnswersOfIam] {
    input := {
        @required UserName: ExistingUserNameType
        @since("2023") NewPath: PathType
        NewUserName: UserNameType
    }
    errors: [NoSuchEntityException, LimitExceededException, EntityAlreadyExistsException, EntityTemporarilyUnmodifiableException, ConcurrentModificationException, ServiceFailureException]
}

/// Removes a user who has nothing any more: no keys, no policies, no groups.
@audit("write")
@iam([{action: "iam:DeleteUser", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation DeleteUser with [AnswersOfIam] {
    input := {
        @required UserName: ExistingUserNameType
    }
    errors: [LimitExceededException, NoSuchEntityException, DeleteConflictException, ConcurrentModificationException, ServiceFailureException]
}

/// Lists the users of the account by name.
@audit("read")
@iam([{action: "iam:ListUsers", resource: "arn:aws:iam::{account}:user/"}])
operation ListUsers with [AnswersOfIam] {
    input := {
        PathPrefix: PathPrefixType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        @required Users: UserListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [ServiceFailureException]
}

/// Adds tags to a user, or changes their values.
@audit("write")
@iam([{action: "iam:TagUser", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation TagUser with [AnswersOfIam] {
    input := {
        @required UserName: ExistingUserNameType
        @required @conditionKey("aws:RequestTag") Tags: TagListType
    }
    errors: [NoSuchEntityException, LimitExceededException, InvalidInputException, ConcurrentModificationException, ServiceFailureException]
}

/// Takes tags from a user.
@audit("write")
@iam([{action: "iam:UntagUser", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation UntagUser with [AnswersOfIam] {
    input := {
        @required UserName: ExistingUserNameType
        @required @conditionKey("aws:TagKeys") TagKeys: TagKeyListType
    }
    errors: [NoSuchEntityException, ConcurrentModificationException, ServiceFailureException]
}

/// Lists the tags of a user by key.
@audit("read")
@iam([{action: "iam:ListUserTags", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation ListUserTags with [AnswersOfIam] {
    input := {
        @required UserName: ExistingUserNameType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        @required Tags: TagListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [NoSuchEntityException, ServiceFailureException]
}

/// Makes a group without members.
@audit("write")
@iam([{action: "iam:CreateGroup", resource: "arn:aws:iam::{account}:group/{GroupName}"}])
operation CreateGroup with [AnswersOfIam] {
    input := {
        @since("2023") Path: PathType
        @required GroupName: GroupNameType
    }
    output := {
        @required Group: Group
    }
    errors: [LimitExceededException, EntityAlreadyExistsException, NoSuchEntityException, ServiceFailureException]
}

/// Shows a group and its members.
@audit("read")
@iam([{action: "iam:GetGroup", resource: "arn:aws:iam::{account}:group/{GroupName}"}])
operation GetGroup with [AnswersOfIam] {
    input := {
        @required GroupName: GroupNameType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        @required Group: Group
        @required Users: UserListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [NoSuchEntityException, ServiceFailureException]
}

/// Gives a group another name or path.
@audit("write")
@iam([{action: "iam:UpdateGroup", resource: "arn:aws:iam::{account}:group/{GroupName}"}])
operation UpdateGroup with [AnswersOfIam] {
    input := {
        @required GroupName: GroupNameType
        @since("2023") NewPath: PathType
        NewGroupName: GroupNameType
    }
    errors: [NoSuchEntityException, EntityAlreadyExistsException, LimitExceededException, ServiceFailureException]
}

/// Removes a group without members and policies.
@audit("write")
@iam([{action: "iam:DeleteGroup", resource: "arn:aws:iam::{account}:group/{GroupName}"}])
operation DeleteGroup with [AnswersOfIam] {
    input := {
        @required GroupName: GroupNameType
    }
    errors: [NoSuchEntityException, DeleteConflictException, LimitExceededException, ServiceFailureException]
}

/// Lists the groups of the account by name.
@audit("read")
@iam([{action: "iam:ListGroups", resource: "arn:aws:iam::{account}:group/"}])
operation ListGroups with [AnswersOfIam] {
    input := {
        PathPrefix: PathPrefixType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        @required Groups: GroupListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [ServiceFailureException]
}

/// Makes a user a member of a group, which is no error when it is one.
@audit("write")
@iam([{action: "iam:AddUserToGroup", resource: "arn:aws:iam::{account}:group/{GroupName}"}])
operation AddUserToGroup with [AnswersOfIam] {
    input := {
        @required GroupName: GroupNameType
        @required UserName: ExistingUserNameType
    }
    errors: [NoSuchEntityException, LimitExceededException, ServiceFailureException]
}

/// Ends a user's membership in a group.
@audit("write")
@iam([{action: "iam:RemoveUserFromGroup", resource: "arn:aws:iam::{account}:group/{GroupName}"}])
operation RemoveUserFromGroup with [AnswersOfIam] {
    input := {
        @required GroupName: GroupNameType
        @required UserName: ExistingUserNameType
    }
    errors: [NoSuchEntityException, LimitExceededException, ServiceFailureException]
}

/// Lists the groups of a user.
@audit("read")
@iam([{action: "iam:ListGroupsForUser", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation ListGroupsForUser with [AnswersOfIam] {
    input := {
        @required UserName: ExistingUserNameType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        @required Groups: GroupListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [NoSuchEntityException, ServiceFailureException]
}

/// Makes a role, with the policy that says who may assume it.
@audit("write")
@iam([
    {action: "iam:CreateRole", resource: "arn:aws:iam::{account}:role/{RoleName}"}
    {action: "iam:TagRole", resource: "arn:aws:iam::{account}:role/{RoleName}", condition: "Tags"}
])
operation CreateRole with [AnswersOfIam] {
    input := {
        @since("2023") Path: PathType
        @required RoleName: RoleNameType
        @required AssumeRolePolicyDocument: PolicyDocumentType
        @since("2023") Description: RoleDescriptionType
        MaxSessionDuration: RoleMaxSessionDurationType
        @conditionKey("iam:PermissionsBoundary") PermissionsBoundary: ArnType
        @conditionKey("aws:RequestTag") Tags: TagListType
    }
    output := {
        @required Role: Role
    }
    errors: [LimitExceededException, InvalidInputException, EntityAlreadyExistsException, MalformedPolicyDocumentException, ConcurrentModificationException, ServiceFailureException]
}

/// Shows one role.
@audit("read")
@iam([{action: "iam:GetRole", resource: "arn:aws:iam::{account}:role/{RoleName}"}])
operation GetRole with [AnswersOfIam] {
    input := {
        @required RoleName: RoleNameType
    }
    output := {
        @required Role: Role
    }
    errors: [NoSuchEntityException, ServiceFailureException]
}

/// Changes a role's description or how long its sessions may last.
@audit("write")
@iam([{action: "iam:UpdateRole", resource: "arn:aws:iam::{account}:role/{RoleName}"}])
operation UpdateRole with [AnswersOfIam] {
    input := {
        @required RoleName: RoleNameType
        @since("2023") Description: RoleDescriptionType
        MaxSessionDuration: RoleMaxSessionDurationType
    }
    output := {}
    errors: [UnmodifiableEntityException, NoSuchEntityException, ServiceFailureException]
}

/// Changes a role's description; UpdateRole does the same.
@audit("write")
@iam([{action: "iam:UpdateRoleDescription", resource: "arn:aws:iam::{account}:role/{RoleName}"}])
operation UpdateRoleDescription with [AnswersOfIam] {
    input := {
        @required RoleName: RoleNameType
        @since("2023") @required Description: RoleDescriptionType
    }
    output := {
        Role: Role
    }
    errors: [NoSuchEntityException, UnmodifiableEntityException, ServiceFailureException]
}

/// Removes a role without policies and instance profiles.
@audit("write")
@iam([{action: "iam:DeleteRole", resource: "arn:aws:iam::{account}:role/{RoleName}"}])
operation DeleteRole with [AnswersOfIam] {
    input := {
        @required RoleName: RoleNameType
    }
    errors: [NoSuchEntityException, DeleteConflictException, LimitExceededException, UnmodifiableEntityException, ConcurrentModificationException, ServiceFailureException]
}

/// Lists the roles of the account by name.
@audit("read")
@iam([{action: "iam:ListRoles", resource: "arn:aws:iam::{account}:role/"}])
operation ListRoles with [AnswersOfIam] {
    input := {
        PathPrefix: PathPrefixType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        @required Roles: RoleListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [ServiceFailureException]
}

/// Replaces the policy that says who may assume a role.
@audit("write")
@iam([{action: "iam:UpdateAssumeRolePolicy", resource: "arn:aws:iam::{account}:role/{RoleName}"}])
operation UpdateAssumeRolePolicy with [AnswersOfIam] {
    input := {
        @required RoleName: RoleNameType
        @required PolicyDocument: PolicyDocumentType
    }
    errors: [NoSuchEntityException, MalformedPolicyDocumentException, LimitExceededException, UnmodifiableEntityException, ServiceFailureException]
}

/// Adds tags to a role, or changes their values.
@audit("write")
@iam([{action: "iam:TagRole", resource: "arn:aws:iam::{account}:role/{RoleName}"}])
operation TagRole with [AnswersOfIam] {
    input := {
        @required RoleName: RoleNameType
        @required @conditionKey("aws:RequestTag") Tags: TagListType
    }
    errors: [NoSuchEntityException, LimitExceededException, InvalidInputException, ConcurrentModificationException, ServiceFailureException]
}

/// Takes tags from a role.
@audit("write")
@iam([{action: "iam:UntagRole", resource: "arn:aws:iam::{account}:role/{RoleName}"}])
operation UntagRole with [AnswersOfIam] {
    input := {
        @required RoleName: RoleNameType
        @required @conditionKey("aws:TagKeys") TagKeys: TagKeyListType
    }
    errors: [NoSuchEntityException, ConcurrentModificationException, ServiceFailureException]
}

/// Lists the tags of a role by key.
@audit("read")
@iam([{action: "iam:ListRoleTags", resource: "arn:aws:iam::{account}:role/{RoleName}"}])
operation ListRoleTags with [AnswersOfIam] {
    input := {
        @required RoleName: RoleNameType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        @required Tags: TagListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [NoSuchEntityException, ServiceFailureException]
}

/// Refused: no service of this deployment needs such a role.
@audit("write")
@iam([{action: "iam:CreateServiceLinkedRole", resource: "arn:aws:iam::{account}:role/aws-service-role/{AWSServiceName}/*"}])
operation CreateServiceLinkedRole with [AnswersOfIam] {
    input := {
        @required AWSServiceName: GroupNameType
        @since("2023") Description: RoleDescriptionType
        CustomSuffix: CustomSuffixType
    }
    output := {
        Role: Role
    }
    errors: [InvalidInputException, LimitExceededException, NoSuchEntityException, ServiceFailureException]
}

/// Makes an access key, whose secret is in this answer and nowhere else.
@audit("write")
@iam([{action: "iam:CreateAccessKey", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation CreateAccessKey with [AnswersOfIam] {
    input := {
        UserName: ExistingUserNameType
    }
    output := {
        @required AccessKey: AccessKey
    }
    errors: [NoSuchEntityException, LimitExceededException, ServiceFailureException]
}

/// Switches an access key off or on.
@audit("write")
@iam([{action: "iam:UpdateAccessKey", resource: "arn:aws:iam::{account}:user/{UserName}"}])
@since("2023")
operation UpdateAccessKey with [AnswersOfIam] {
    input := {
        UserName: ExistingUserNameType
        @required AccessKeyId: AccessKeyIdType
        @required Status: StatusType
    }
    errors: [NoSuchEntityException, LimitExceededException, ServiceFailureException, InvalidInputException]
}

/// Removes an access key.
@audit("write")
@iam([{action: "iam:DeleteAccessKey", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation DeleteAccessKey with [AnswersOfIam] {
    input := {
        UserName: ExistingUserNameType
        @required AccessKeyId: AccessKeyIdType
    }
    errors: [NoSuchEntityException, LimitExceededException, ServiceFailureException]
}

/// Lists the access keys of a user, without their secrets.
@audit("read")
@iam([{action: "iam:ListAccessKeys", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation ListAccessKeys with [AnswersOfIam] {
    input := {
        UserName: ExistingUserNameType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        @required AccessKeyMetadata: AccessKeyMetadataListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [NoSuchEntityException, ServiceFailureException]
}

/// Tells when and for which service an access key was used last.
@audit("read")
@iam([{action: "iam:GetAccessKeyLastUsed", resource: "*"}])
@since("2023")
operation GetAccessKeyLastUsed with [AnswersOfIam, AnswersAboutKeys] {
    input := {
        @required AccessKeyId: AccessKeyIdType
    }
    output := {
        UserName: ExistingUserNameType
        AccessKeyLastUsed: AccessKeyLastUsed
    }
}

/// Embeds a policy in a user, or replaces it.
@audit("write")
@iam([{action: "iam:PutUserPolicy", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation PutUserPolicy with [AnswersOfIam] {
    input := {
        @required UserName: ExistingUserNameType
        @required PolicyName: PolicyNameType
        @required PolicyDocument: PolicyDocumentType
    }
    errors: [LimitExceededException, MalformedPolicyDocumentException, NoSuchEntityException, ServiceFailureException]
}

/// Shows a policy that is embedded in a user.
@audit("read")
@iam([{action: "iam:GetUserPolicy", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation GetUserPolicy with [AnswersOfIam] {
    input := {
        @required UserName: ExistingUserNameType
        @required PolicyName: PolicyNameType
    }
    output := {
        @required UserName: ExistingUserNameType
        @required PolicyName: PolicyNameType
        @required PolicyDocument: PolicyDocumentType
    }
    errors: [NoSuchEntityException, ServiceFailureException]
}

/// Removes a policy that is embedded in a user.
@audit("write")
@iam([{action: "iam:DeleteUserPolicy", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation DeleteUserPolicy with [AnswersOfIam] {
    input := {
        @required UserName: ExistingUserNameType
        @required PolicyName: PolicyNameType
    }
    errors: [NoSuchEntityException, LimitExceededException, ServiceFailureException]
}

/// Lists the policies that are embedded in a user.
@audit("read")
@iam([{action: "iam:ListUserPolicies", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation ListUserPolicies with [AnswersOfIam] {
    input := {
        @required UserName: ExistingUserNameType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        @required PolicyNames: PolicyNameListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [NoSuchEntityException, ServiceFailureException]
}

/// Embeds a policy in a group, or replaces it.
@audit("write")
@iam([{action: "iam:PutGroupPolicy", resource: "arn:aws:iam::{account}:group/{GroupName}"}])
operation PutGroupPolicy with [AnswersOfIam] {
    input := {
        @required GroupName: GroupNameType
        @required PolicyName: PolicyNameType
        @required PolicyDocument: PolicyDocumentType
    }
    errors: [LimitExceededException, MalformedPolicyDocumentException, NoSuchEntityException, ServiceFailureException]
}

/// Shows a policy that is embedded in a group.
@audit("read")
@iam([{action: "iam:GetGroupPolicy", resource: "arn:aws:iam::{account}:group/{GroupName}"}])
operation GetGroupPolicy with [AnswersOfIam] {
    input := {
        @required GroupName: GroupNameType
        @required PolicyName: PolicyNameType
    }
    output := {
        @required GroupName: GroupNameType
        @required PolicyName: PolicyNameType
        @required PolicyDocument: PolicyDocumentType
    }
    errors: [NoSuchEntityException, ServiceFailureException]
}

/// Removes a policy that is embedded in a group.
@audit("write")
@iam([{action: "iam:DeleteGroupPolicy", resource: "arn:aws:iam::{account}:group/{GroupName}"}])
operation DeleteGroupPolicy with [AnswersOfIam] {
    input := {
        @required GroupName: GroupNameType
        @required PolicyName: PolicyNameType
    }
    errors: [NoSuchEntityException, LimitExceededException, ServiceFailureException]
}

/// Lists the policies that are embedded in a group.
@audit("read")
@iam([{action: "iam:ListGroupPolicies", resource: "arn:aws:iam::{account}:group/{GroupName}"}])
operation ListGroupPolicies with [AnswersOfIam] {
    input := {
        @required GroupName: GroupNameType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        @required PolicyNames: PolicyNameListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [NoSuchEntityException, ServiceFailureException]
}

/// Embeds a policy in a role, or replaces it.
@audit("write")
@iam([{action: "iam:PutRolePolicy", resource: "arn:aws:iam::{account}:role/{RoleName}"}])
operation PutRolePolicy with [AnswersOfIam] {
    input := {
        @required RoleName: RoleNameType
        @required PolicyName: PolicyNameType
        @required PolicyDocument: PolicyDocumentType
    }
    errors: [LimitExceededException, MalformedPolicyDocumentException, NoSuchEntityException, UnmodifiableEntityException, ServiceFailureException]
}

/// Shows a policy that is embedded in a role.
@audit("read")
@iam([{action: "iam:GetRolePolicy", resource: "arn:aws:iam::{account}:role/{RoleName}"}])
operation GetRolePolicy with [AnswersOfIam] {
    input := {
        @required RoleName: RoleNameType
        @required PolicyName: PolicyNameType
    }
    output := {
        @required RoleName: RoleNameType
        @required PolicyName: PolicyNameType
        @required PolicyDocument: PolicyDocumentType
    }
    errors: [NoSuchEntityException, ServiceFailureException]
}

/// Removes a policy that is embedded in a role.
@audit("write")
@iam([{action: "iam:DeleteRolePolicy", resource: "arn:aws:iam::{account}:role/{RoleName}"}])
operation DeleteRolePolicy with [AnswersOfIam] {
    input := {
        @required RoleName: RoleNameType
        @required PolicyName: PolicyNameType
    }
    errors: [NoSuchEntityException, LimitExceededException, UnmodifiableEntityException, ServiceFailureException]
}

/// Lists the policies that are embedded in a role.
@audit("read")
@iam([{action: "iam:ListRolePolicies", resource: "arn:aws:iam::{account}:role/{RoleName}"}])
operation ListRolePolicies with [AnswersOfIam] {
    input := {
        @required RoleName: RoleNameType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        @required PolicyNames: PolicyNameListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [NoSuchEntityException, ServiceFailureException]
}

/// Makes a managed policy, whose first version is v1.
@audit("write")
@iam([
    {action: "iam:CreatePolicy", resource: "arn:aws:iam::{account}:policy/{PolicyName}"}
    {action: "iam:TagPolicy", resource: "arn:aws:iam::{account}:policy/{PolicyName}", condition: "Tags"}
])
operation CreatePolicy with [AnswersOfIam] {
    input := {
        @required PolicyName: PolicyNameType
        Path: PolicyPathType
        @required PolicyDocument: PolicyDocumentType
        Description: PolicyDescriptionType
        @conditionKey("aws:RequestTag") Tags: TagListType
    }
    output := {
        Policy: Policy
    }
    errors: [InvalidInputException, LimitExceededException, EntityAlreadyExistsException, MalformedPolicyDocumentException, ConcurrentModificationException, ServiceFailureException]
}

/// Shows a managed policy, but not its document.
@audit("read")
@iam([{action: "iam:GetPolicy", resource: "{PolicyArn}"}])
operation GetPolicy with [AnswersOfIam] {
    input := {
        @required PolicyArn: ArnType
    }
    output := {
        Policy: Policy
    }
    errors: [NoSuchEntityException, InvalidInputException, ServiceFailureException]
}

/// Removes a managed policy that is attached to nobody.
@audit("write")
@iam([{action: "iam:DeletePolicy", resource: "{PolicyArn}"}])
operation DeletePolicy with [AnswersOfIam] {
    input := {
        @required PolicyArn: ArnType
    }
    errors: [NoSuchEntityException, LimitExceededException, InvalidInputException, DeleteConflictException, ServiceFailureException]
}

/// Lists managed policies, the account's and AWS's.
@audit("read")
@iam([{action: "iam:ListPolicies", resource: "arn:aws:iam::{account}:policy/"}])
operation ListPolicies with [AnswersOfIam] {
    input := {
        Scope: PolicyScopeType
        OnlyAttached: Boolean
        PathPrefix: PolicyPathType
        PolicyUsageFilter: PolicyUsageType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        Policies: PolicyListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [ServiceFailureException]
}

/// Adds a version to a managed policy.
@audit("write")
@iam([{action: "iam:CreatePolicyVersion", resource: "{PolicyArn}"}])
operation CreatePolicyVersion with [AnswersOfIam] {
    input := {
        @required PolicyArn: ArnType
        @required PolicyDocument: PolicyDocumentType
        SetAsDefault: Boolean
    }
    output := {
        PolicyVersion: PolicyVersion
    }
    errors: [NoSuchEntityException, MalformedPolicyDocumentException, InvalidInputException, LimitExceededException, ServiceFailureException]
}

/// Shows one version of a managed policy, with its document.
@audit("read")
@iam([{action: "iam:GetPolicyVersion", resource: "{PolicyArn}"}])
operation GetPolicyVersion with [AnswersOfIam] {
    input := {
        @required PolicyArn: ArnType
        @required VersionId: PolicyVersionIdType
    }
    output := {
        PolicyVersion: PolicyVersion
    }
    errors: [NoSuchEntityException, InvalidInputException, ServiceFailureException]
}

/// Removes a version that is not the default.
@audit("write")
@iam([{action: "iam:DeletePolicyVersion", resource: "{PolicyArn}"}])
operation DeletePolicyVersion with [AnswersOfIam] {
    input := {
        @required PolicyArn: ArnType
        @required VersionId: PolicyVersionIdType
    }
    errors: [NoSuchEntityException, LimitExceededException, InvalidInputException, DeleteConflictException, ServiceFailureException]
}

/// Lists the versions of a managed policy, the newest first.
@audit("read")
@iam([{action: "iam:ListPolicyVersions", resource: "{PolicyArn}"}])
operation ListPolicyVersions with [AnswersOfIam] {
    input := {
        @required PolicyArn: ArnType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        Versions: PolicyDocumentVersionListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [NoSuchEntityException, InvalidInputException, ServiceFailureException]
}

/// Chooses the version that counts.
@audit("write")
@iam([{action: "iam:SetDefaultPolicyVersion", resource: "{PolicyArn}"}])
operation SetDefaultPolicyVersion with [AnswersOfIam] {
    input := {
        @required PolicyArn: ArnType
        @required VersionId: PolicyVersionIdType
    }
    errors: [NoSuchEntityException, InvalidInputException, LimitExceededException, ServiceFailureException]
}

/// Lists whom a managed policy is attached to.
@audit("read")
@iam([{action: "iam:ListEntitiesForPolicy", resource: "{PolicyArn}"}])
operation ListEntitiesForPolicy with [AnswersOfIam] {
    input := {
        @required PolicyArn: ArnType
        EntityFilter: EntityType
        @since("2023") PathPrefix: PathType
        PolicyUsageFilter: PolicyUsageType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        PolicyGroups: PolicyGroupListType
        PolicyUsers: PolicyUserListType
        PolicyRoles: PolicyRoleListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [NoSuchEntityException, InvalidInputException, ServiceFailureException]
}

/// Adds tags to a managed policy, or changes their values.
@audit("write")
@iam([{action: "iam:TagPolicy", resource: "{PolicyArn}"}])
operation TagPolicy with [AnswersOfIam] {
    input := {
        @required PolicyArn: ArnType
        @required @conditionKey("aws:RequestTag") Tags: TagListType
    }
    errors: [NoSuchEntityException, LimitExceededException, InvalidInputException, ConcurrentModificationException, ServiceFailureException]
}

/// Takes tags from a managed policy.
@audit("write")
@iam([{action: "iam:UntagPolicy", resource: "{PolicyArn}"}])
operation UntagPolicy with [AnswersOfIam] {
    input := {
        @required PolicyArn: ArnType
        @required @conditionKey("aws:TagKeys") TagKeys: TagKeyListType
    }
    errors: [NoSuchEntityException, InvalidInputException, ConcurrentModificationException, ServiceFailureException]
}

/// Lists the tags of a managed policy by key.
@audit("read")
@iam([{action: "iam:ListPolicyTags", resource: "{PolicyArn}"}])
operation ListPolicyTags with [AnswersOfIam] {
    input := {
        @required PolicyArn: ArnType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        @required Tags: TagListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [NoSuchEntityException, ServiceFailureException, InvalidInputException]
}

/// Attaches a managed policy to a user.
@audit("write")
@iam([{action: "iam:AttachUserPolicy", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation AttachUserPolicy with [AnswersOfIam] {
    input := {
        @required UserName: UserNameType
        @required @conditionKey("iam:PolicyARN") PolicyArn: ArnType
    }
    errors: [NoSuchEntityException, LimitExceededException, InvalidInputException, PolicyNotAttachableException, ServiceFailureException]
}

/// Takes a managed policy from a user.
@audit("write")
@iam([{action: "iam:DetachUserPolicy", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation DetachUserPolicy with [AnswersOfIam] {
    input := {
        @required UserName: UserNameType
        @required @conditionKey("iam:PolicyARN") PolicyArn: ArnType
    }
    errors: [NoSuchEntityException, LimitExceededException, InvalidInputException, ServiceFailureException]
}

/// Lists the managed policies that are attached to a user.
@audit("read")
@iam([{action: "iam:ListAttachedUserPolicies", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation ListAttachedUserPolicies with [AnswersOfIam] {
    input := {
        @required UserName: UserNameType
        PathPrefix: PolicyPathType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        AttachedPolicies: AttachedPoliciesListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [NoSuchEntityException, InvalidInputException, ServiceFailureException]
}

/// Attaches a managed policy to a group.
@audit("write")
@iam([{action: "iam:AttachGroupPolicy", resource: "arn:aws:iam::{account}:group/{GroupName}"}])
operation AttachGroupPolicy with [AnswersOfIam] {
    input := {
        @required GroupName: GroupNameType
        @required @conditionKey("iam:PolicyARN") PolicyArn: ArnType
    }
    errors: [NoSuchEntityException, LimitExceededException, InvalidInputException, PolicyNotAttachableException, ServiceFailureException]
}

/// Takes a managed policy from a group.
@audit("write")
@iam([{action: "iam:DetachGroupPolicy", resource: "arn:aws:iam::{account}:group/{GroupName}"}])
operation DetachGroupPolicy with [AnswersOfIam] {
    input := {
        @required GroupName: GroupNameType
        @required @conditionKey("iam:PolicyARN") PolicyArn: ArnType
    }
    errors: [NoSuchEntityException, LimitExceededException, InvalidInputException, ServiceFailureException]
}

/// Lists the managed policies that are attached to a group.
@audit("read")
@iam([{action: "iam:ListAttachedGroupPolicies", resource: "arn:aws:iam::{account}:group/{GroupName}"}])
operation ListAttachedGroupPolicies with [AnswersOfIam] {
    input := {
        @required GroupName: GroupNameType
        PathPrefix: PolicyPathType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        AttachedPolicies: AttachedPoliciesListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [NoSuchEntityException, InvalidInputException, ServiceFailureException]
}

/// Attaches a managed policy to a role.
@audit("write")
@iam([{action: "iam:AttachRolePolicy", resource: "arn:aws:iam::{account}:role/{RoleName}"}])
operation AttachRolePolicy with [AnswersOfIam] {
    input := {
        @required RoleName: RoleNameType
        @required @conditionKey("iam:PolicyARN") PolicyArn: ArnType
    }
    errors: [NoSuchEntityException, LimitExceededException, InvalidInputException, UnmodifiableEntityException, PolicyNotAttachableException, ServiceFailureException]
}

/// Takes a managed policy from a role.
@audit("write")
@iam([{action: "iam:DetachRolePolicy", resource: "arn:aws:iam::{account}:role/{RoleName}"}])
operation DetachRolePolicy with [AnswersOfIam] {
    input := {
        @required RoleName: RoleNameType
        @required @conditionKey("iam:PolicyARN") PolicyArn: ArnType
    }
    errors: [NoSuchEntityException, LimitExceededException, InvalidInputException, UnmodifiableEntityException, ServiceFailureException]
}

/// Lists the managed policies that are attached to a role.
@audit("read")
@iam([{action: "iam:ListAttachedRolePolicies", resource: "arn:aws:iam::{account}:role/{RoleName}"}])
operation ListAttachedRolePolicies with [AnswersOfIam] {
    input := {
        @required RoleName: RoleNameType
        PathPrefix: PolicyPathType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        AttachedPolicies: AttachedPoliciesListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [NoSuchEntityException, InvalidInputException, ServiceFailureException]
}

/// Limits what a user's policies can allow by a managed policy.
@audit("write")
@iam([{action: "iam:PutUserPermissionsBoundary", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation PutUserPermissionsBoundary with [AnswersOfIam] {
    input := {
        @required UserName: UserNameType
        @required @conditionKey("iam:PermissionsBoundary") PermissionsBoundary: ArnType
    }
    errors: [NoSuchEntityException, InvalidInputException, PolicyNotAttachableException, ServiceFailureException]
}

/// Removes that limit.
@audit("write")
@iam([{action: "iam:DeleteUserPermissionsBoundary", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation DeleteUserPermissionsBoundary with [AnswersOfIam] {
    input := {
        @required UserName: UserNameType
    }
    errors: [NoSuchEntityException, ServiceFailureException]
}

/// Limits what a role's policies can allow by a managed policy.
@audit("write")
@iam([{action: "iam:PutRolePermissionsBoundary", resource: "arn:aws:iam::{account}:role/{RoleName}"}])
operation PutRolePermissionsBoundary with [AnswersOfIam] {
    input := {
        @required RoleName: RoleNameType
        @required @conditionKey("iam:PermissionsBoundary") PermissionsBoundary: ArnType
    }
    errors: [NoSuchEntityException, InvalidInputException, UnmodifiableEntityException, PolicyNotAttachableException, ServiceFailureException]
}

/// Removes that limit.
@audit("write")
@iam([{action: "iam:DeleteRolePermissionsBoundary", resource: "arn:aws:iam::{account}:role/{RoleName}"}])
operation DeleteRolePermissionsBoundary with [AnswersOfIam] {
    input := {
        @required RoleName: RoleNameType
    }
    errors: [NoSuchEntityException, UnmodifiableEntityException, ServiceFailureException]
}

/// Makes a holder for a role.
@audit("write")
@iam([
    {action: "iam:CreateInstanceProfile", resource: "arn:aws:iam::{account}:instance-profile/{InstanceProfileName}"}
    {action: "iam:TagInstanceProfile", resource: "arn:aws:iam::{account}:instance-profile/{InstanceProfileName}", condition: "Tags"}
])
operation CreateInstanceProfile with [AnswersOfIam] {
    input := {
        @required InstanceProfileName: InstanceProfileNameType
        @since("2023") Path: PathType
        @conditionKey("aws:RequestTag") Tags: TagListType
    }
    output := {
        @required InstanceProfile: InstanceProfile
    }
    errors: [EntityAlreadyExistsException, InvalidInputException, LimitExceededException, ConcurrentModificationException, ServiceFailureException]
}

/// Shows an instance profile and its role.
@audit("read")
@iam([{action: "iam:GetInstanceProfile", resource: "arn:aws:iam::{account}:instance-profile/{InstanceProfileName}"}])
operation GetInstanceProfile with [AnswersOfIam] {
    input := {
        @required InstanceProfileName: InstanceProfileNameType
    }
    output := {
        @required InstanceProfile: InstanceProfile
    }
    errors: [NoSuchEntityException, ServiceFailureException]
}

/// Removes an instance profile without a role.
@audit("write")
@iam([{action: "iam:DeleteInstanceProfile", resource: "arn:aws:iam::{account}:instance-profile/{InstanceProfileName}"}])
operation DeleteInstanceProfile with [AnswersOfIam] {
    input := {
        @required InstanceProfileName: InstanceProfileNameType
    }
    errors: [NoSuchEntityException, DeleteConflictException, LimitExceededException, ServiceFailureException]
}

/// Lists the instance profiles of the account by name.
@audit("read")
@iam([{action: "iam:ListInstanceProfiles", resource: "arn:aws:iam::{account}:instance-profile/"}])
operation ListInstanceProfiles with [AnswersOfIam] {
    input := {
        PathPrefix: PathPrefixType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        @required InstanceProfiles: InstanceProfileListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [ServiceFailureException]
}

/// Lists the instance profiles that hold a role.
@audit("read")
@iam([{action: "iam:ListInstanceProfilesForRole", resource: "arn:aws:iam::{account}:role/{RoleName}"}])
operation ListInstanceProfilesForRole with [AnswersOfIam] {
    input := {
        @required RoleName: RoleNameType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        @required InstanceProfiles: InstanceProfileListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [NoSuchEntityException, ServiceFailureException]
}

/// Puts a role into an instance profile, which holds one.
@audit("write")
@iam([{action: "iam:AddRoleToInstanceProfile", resource: "arn:aws:iam::{account}:instance-profile/{InstanceProfileName}"}])
operation AddRoleToInstanceProfile with [AnswersOfIam] {
    input := {
        @required InstanceProfileName: InstanceProfileNameType
        @required RoleName: RoleNameType
    }
    errors: [NoSuchEntityException, EntityAlreadyExistsException, LimitExceededException, UnmodifiableEntityException, ServiceFailureException]
}

/// Takes the role out of an instance profile.
@audit("write")
@iam([{action: "iam:RemoveRoleFromInstanceProfile", resource: "arn:aws:iam::{account}:instance-profile/{InstanceProfileName}"}])
operation RemoveRoleFromInstanceProfile with [AnswersOfIam] {
    input := {
        @required InstanceProfileName: InstanceProfileNameType
        @required RoleName: RoleNameType
    }
    errors: [NoSuchEntityException, LimitExceededException, UnmodifiableEntityException, ServiceFailureException]
}

/// Gives a user a password.
@audit("write")
@iam([{action: "iam:CreateLoginProfile", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation CreateLoginProfile with [AnswersOfIam] {
    input := {
        @since("2023") UserName: UserNameType
        @since("2023") Password: PasswordType
        PasswordResetRequired: Boolean
    }
    output := {
        @required LoginProfile: LoginProfile
    }
    errors: [EntityAlreadyExistsException, NoSuchEntityException, PasswordPolicyViolationException, LimitExceededException, ServiceFailureException]
}

/// Tells whether a user has a password, and since when.
@audit("read")
@iam([{action: "iam:GetLoginProfile", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation GetLoginProfile with [AnswersOfIam] {
    input := {
        @since("2023") UserName: UserNameType
    }
    output := {
        @required LoginProfile: LoginProfile
    }
    errors: [NoSuchEntityException, ServiceFailureException]
}

/// Replaces a user's password.
@audit("write")
@iam([{action: "iam:UpdateLoginProfile", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation UpdateLoginProfile with [AnswersOfIam] {
    input := {
        @required UserName: UserNameType
        Password: PasswordType
        PasswordResetRequired: Boolean
    }
    errors: [EntityTemporarilyUnmodifiableException, NoSuchEntityException, PasswordPolicyViolationException, LimitExceededException, ServiceFailureException]
}

/// Takes a user's password away.
@audit("write")
@iam([{action: "iam:DeleteLoginProfile", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation DeleteLoginProfile with [AnswersOfIam] {
    input := {
        @since("2023") UserName: UserNameType
    }
    errors: [EntityTemporarilyUnmodifiableException, NoSuchEntityException, LimitExceededException, ServiceFailureException]
}

/// Lets the caller replace the own password.
@audit("write")
@iam([{action: "iam:ChangePassword", resource: "*"}])
operation ChangePassword with [AnswersOfIam] {
    input := {
        @required OldPassword: PasswordType
        @required NewPassword: PasswordType
    }
    errors: [NoSuchEntityException, InvalidUserTypeException, LimitExceededException, EntityTemporarilyUnmodifiableException, PasswordPolicyViolationException, ServiceFailureException]
}

/// Shows what passwords must be like.
@audit("read")
@iam([{action: "iam:GetAccountPasswordPolicy", resource: "*"}])
operation GetAccountPasswordPolicy with [AnswersOfIam] {
    input := {}
    output := {
        @required PasswordPolicy: PasswordPolicy
    }
    errors: [NoSuchEntityException, ServiceFailureException]
}

/// Says what passwords must be like; what is left out gets its default.
@audit("write")
@iam([{action: "iam:UpdateAccountPasswordPolicy", resource: "*"}])
operation UpdateAccountPasswordPolicy with [AnswersOfIam] {
    input := {
        MinimumPasswordLength: MinimumPasswordLengthType
        RequireSymbols: Boolean
        RequireNumbers: Boolean
        RequireUppercaseCharacters: Boolean
        RequireLowercaseCharacters: Boolean
        AllowUsersToChangePassword: Boolean
        MaxPasswordAge: MaxPasswordAgeType
        PasswordReusePrevention: PasswordReusePreventionType
        HardExpiry: Boolean
    }
    errors: [NoSuchEntityException, MalformedPolicyDocumentException, LimitExceededException, ServiceFailureException]
}

/// Returns to the default rules for passwords.
@audit("write")
@iam([{action: "iam:DeleteAccountPasswordPolicy", resource: "*"}])
operation DeleteAccountPasswordPolicy with [AnswersOfIam] {
    input := {}
    errors: [NoSuchEntityException, LimitExceededException, ServiceFailureException]
}

/// Gives the account a name beside its number.
@audit("write")
@iam([{action: "iam:CreateAccountAlias", resource: "*"}])
@since("2023")
operation CreateAccountAlias with [AnswersOfIam] {
    input := {
        @since("2023") @required AccountAlias: AccountAliasType
    }
    errors: [ConcurrentModificationException, EntityAlreadyExistsException, LimitExceededException, ServiceFailureException]
}

/// Takes the account's name away.
@audit("write")
@iam([{action: "iam:DeleteAccountAlias", resource: "*"}])
@since("2023")
operation DeleteAccountAlias with [AnswersOfIam] {
    input := {
        @since("2023") @required AccountAlias: AccountAliasType
    }
    errors: [ConcurrentModificationException, NoSuchEntityException, LimitExceededException, ServiceFailureException]
}

/// Lists the account's name, if it has one.
@audit("read")
@iam([{action: "iam:ListAccountAliases", resource: "*"}])
operation ListAccountAliases with [AnswersOfIam] {
    input := {
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        @required AccountAliases: AccountAliasListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [ServiceFailureException]
}

/// Counts what the account has, and tells its quotas.
@audit("read")
@iam([{action: "iam:GetAccountSummary", resource: "*"}])
operation GetAccountSummary with [AnswersOfIam] {
    input := {}
    output := {
        SummaryMap: SummaryMapType
    }
    errors: [ServiceFailureException]
}

/// Lists all users, groups, roles and policies with all that says who may do what.
@audit("read")
@iam([{action: "iam:GetAccountAuthorizationDetails", resource: "*"}])
operation GetAccountAuthorizationDetails with [AnswersOfIam] {
    input := {
        Filter: EntityListType
        MaxItems: MaxItemsType
        Marker: MarkerType
    }
    output := {
        UserDetailList: UserDetailListType
        GroupDetailList: GroupDetailListType
        RoleDetailList: RoleDetailListType
        Policies: ManagedPolicyDetailListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [ServiceFailureException]
}

/// Registers an identity provider by its SAML metadata.
@audit("write")
@iam([
    {action: "iam:CreateSAMLProvider", resource: "arn:aws:iam::{account}:saml-provider/{Name}"}
    {action: "iam:TagSAMLProvider", resource: "arn:aws:iam::{account}:saml-provider/{Name}", condition: "Tags"}
])
operation CreateSAMLProvider with [AnswersOfIam] {
    input := {
        @required SAMLMetadataDocument: SAMLMetadataDocumentType
        @required Name: SAMLProviderNameType
        @conditionKey("aws:RequestTag") Tags: TagListType
        @since("2023") AssertionEncryptionMode: AssertionEncryptionModeType
        @since("2023") AddPrivateKey: PrivateKeyType
    }
    output := {
        SAMLProviderArn: ArnType
        Tags: TagListType
    }
    errors: [InvalidInputException, EntityAlreadyExistsException, LimitExceededException, ConcurrentModificationException, ServiceFailureException]
}

/// Shows a SAML provider.
@audit("read")
@iam([{action: "iam:GetSAMLProvider", resource: "{SAMLProviderArn}"}])
operation GetSAMLProvider with [AnswersOfIam] {
    input := {
        @required SAMLProviderArn: ArnType
    }
    output := {
        @since("2023") SAMLProviderUUID: PrivateKeyIdType
        SAMLMetadataDocument: SAMLMetadataDocumentType
        CreateDate: Timestamp
        ValidUntil: Timestamp
        Tags: TagListType
        @since("2023") AssertionEncryptionMode: AssertionEncryptionModeType
        @since("2023") PrivateKeyList: PrivateKeyList
    }
    errors: [NoSuchEntityException, InvalidInputException, ServiceFailureException]
}

/// Replaces the metadata of a SAML provider.
@audit("write")
@iam([{action: "iam:UpdateSAMLProvider", resource: "{SAMLProviderArn}"}])
@since("2023")
operation UpdateSAMLProvider with [AnswersOfIam] {
    input := {
        @since("2023") SAMLMetadataDocument: SAMLMetadataDocumentType
        @required SAMLProviderArn: ArnType
        @since("2023") AssertionEncryptionMode: AssertionEncryptionModeType
        @since("2023") AddPrivateKey: PrivateKeyType
        @since("2023") RemovePrivateKey: PrivateKeyIdType
    }
    output := {
        SAMLProviderArn: ArnType
    }
    errors: [NoSuchEntityException, InvalidInputException, LimitExceededException, ServiceFailureException, ConcurrentModificationException]
}

/// Removes a SAML provider; nobody can assume a role by it any more.
@audit("write")
@iam([{action: "iam:DeleteSAMLProvider", resource: "{SAMLProviderArn}"}])
operation DeleteSAMLProvider with [AnswersOfIam] {
    input := {
        @required SAMLProviderArn: ArnType
    }
    errors: [InvalidInputException, LimitExceededException, NoSuchEntityException, ServiceFailureException]
}

/// Lists the SAML providers of the account.
@audit("read")
@iam([{action: "iam:ListSAMLProviders", resource: "*"}])
operation ListSAMLProviders with [AnswersOfIam] {
    input := {}
    output := {
        SAMLProviderList: SAMLProviderListType
    }
    errors: [ServiceFailureException]
}

/// Registers an issuer of OpenID tokens, a CI system for example.
@audit("write")
@iam([
    {action: "iam:CreateOpenIDConnectProvider", resource: "arn:aws:iam::{account}:oidc-provider/{Url}"}
    {action: "iam:TagOpenIDConnectProvider", resource: "arn:aws:iam::{account}:oidc-provider/{Url}", condition: "Tags"}
])
@since("2023")
operation CreateOpenIDConnectProvider with [AnswersOfIam] {
    input := {
        @required Url: OpenIDConnectProviderUrlType
        ClientIDList: ClientIDListType
        @since("2023") ThumbprintList: ThumbprintListType
        @conditionKey("aws:RequestTag") Tags: TagListType
    }
    output := {
        OpenIDConnectProviderArn: ArnType
        Tags: TagListType
    }
    errors: [InvalidInputException, EntityAlreadyExistsException, LimitExceededException, ConcurrentModificationException, ServiceFailureException, OpenIdIdpCommunicationErrorException]
}

/// Shows an OpenID provider.
@audit("read")
@iam([{action: "iam:GetOpenIDConnectProvider", resource: "{OpenIDConnectProviderArn}"}])
operation GetOpenIDConnectProvider with [AnswersOfIam] {
    input := {
        @required OpenIDConnectProviderArn: ArnType
    }
    output := {
        Url: OpenIDConnectProviderUrlType
        ClientIDList: ClientIDListType
        ThumbprintList: ThumbprintListType
        CreateDate: Timestamp
        Tags: TagListType
    }
    errors: [InvalidInputException, NoSuchEntityException, ServiceFailureException]
}

/// Removes an OpenID provider; nobody can assume a role by it any more.
@audit("write")
@iam([{action: "iam:DeleteOpenIDConnectProvider", resource: "{OpenIDConnectProviderArn}"}])
operation DeleteOpenIDConnectProvider with [AnswersOfIam] {
    input := {
        @required OpenIDConnectProviderArn: ArnType
    }
    errors: [InvalidInputException, NoSuchEntityException, ServiceFailureException]
}

/// Lists the OpenID providers of the account.
@audit("read")
@iam([{action: "iam:ListOpenIDConnectProviders", resource: "*"}])
operation ListOpenIDConnectProviders with [AnswersOfIam] {
    input := {}
    output := {
        OpenIDConnectProviderList: OpenIDConnectProviderListType
    }
    errors: [ServiceFailureException]
}

/// Accepts tokens that were made for another audience, too.
@audit("write")
@iam([{action: "iam:AddClientIDToOpenIDConnectProvider", resource: "{OpenIDConnectProviderArn}"}])
@since("2023")
operation AddClientIDToOpenIDConnectProvider with [AnswersOfIam] {
    input := {
        @required OpenIDConnectProviderArn: ArnType
        @required ClientID: ClientIDType
    }
    errors: [ConcurrentModificationException, InvalidInputException, NoSuchEntityException, LimitExceededException, ServiceFailureException]
}

/// Accepts tokens for an audience no longer.
@audit("write")
@iam([{action: "iam:RemoveClientIDFromOpenIDConnectProvider", resource: "{OpenIDConnectProviderArn}"}])
@since("2023")
operation RemoveClientIDFromOpenIDConnectProvider with [AnswersOfIam] {
    input := {
        @required OpenIDConnectProviderArn: ArnType
        @required ClientID: ClientIDType
    }
    errors: [ConcurrentModificationException, InvalidInputException, NoSuchEntityException, ServiceFailureException]
}

/// Replaces the certificates by which a provider's server is known.
@audit("write")
@iam([{action: "iam:UpdateOpenIDConnectProviderThumbprint", resource: "{OpenIDConnectProviderArn}"}])
@since("2023")
operation UpdateOpenIDConnectProviderThumbprint with [AnswersOfIam] {
    input := {
        @required OpenIDConnectProviderArn: ArnType
        @required ThumbprintList: ThumbprintListType
    }
    errors: [ConcurrentModificationException, InvalidInputException, NoSuchEntityException, ServiceFailureException]
}

/// Makes a secret for an authenticator app, shown in this answer and nowhere else.
@audit("write")
@iam([
    {action: "iam:CreateVirtualMFADevice", resource: "arn:aws:iam::{account}:mfa/{VirtualMFADeviceName}"}
    {action: "iam:TagMFADevice", resource: "arn:aws:iam::{account}:mfa/{VirtualMFADeviceName}", condition: "Tags"}
])
operation CreateVirtualMFADevice with [AnswersOfIam] {
    input := {
        @since("2023") Path: PathType
        @required VirtualMFADeviceName: VirtualMFADeviceName
        @conditionKey("aws:RequestTag") Tags: TagListType
    }
    output := {
        @required VirtualMFADevice: VirtualMFADevice
    }
    errors: [LimitExceededException, InvalidInputException, EntityAlreadyExistsException, ConcurrentModificationException, ServiceFailureException]
}

/// Ties an MFA device to a user, who proves with two codes in a row to have it.
@audit("write")
@iam([{action: "iam:EnableMFADevice", resource: "arn:aws:iam::{account}:user/{UserName}"}])
@since("2023")
operation EnableMFADevice with [AnswersOfIam] {
    input := {
        @required UserName: ExistingUserNameType
        @required SerialNumber: SerialNumberType
        @required AuthenticationCode1: AuthenticationCodeType
        @required AuthenticationCode2: AuthenticationCodeType
    }
    errors: [EntityAlreadyExistsException, EntityTemporarilyUnmodifiableException, InvalidAuthenticationCodeException, LimitExceededException, NoSuchEntityException, ServiceFailureException, ConcurrentModificationException]
}

/// Unties an MFA device from its user.
@audit("write")
@iam([{action: "iam:DeactivateMFADevice", resource: "arn:aws:iam::{account}:user/{UserName}"}])
@since("2023")
operation DeactivateMFADevice with [AnswersOfIam] {
    input := {
        @since("2023") UserName: ExistingUserNameType
        @required SerialNumber: SerialNumberType
    }
    errors: [EntityTemporarilyUnmodifiableException, NoSuchEntityException, LimitExceededException, ServiceFailureException, ConcurrentModificationException]
}

/// Removes an MFA device that is nobody's.
@audit("write")
@iam([{action: "iam:DeleteVirtualMFADevice", resource: "{SerialNumber}"}])
@since("2023")
operation DeleteVirtualMFADevice with [AnswersOfIam] {
    input := {
        @required SerialNumber: SerialNumberType
    }
    errors: [NoSuchEntityException, DeleteConflictException, LimitExceededException, ServiceFailureException, ConcurrentModificationException]
}

/// Lists the MFA devices of a user.
@audit("read")
@iam([{action: "iam:ListMFADevices", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation ListMFADevices with [AnswersOfIam] {
    input := {
        UserName: ExistingUserNameType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        @required MFADevices: MfaDeviceListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [NoSuchEntityException, ServiceFailureException]
}

/// Lists the virtual MFA devices of the account.
@audit("read")
@iam([{action: "iam:ListVirtualMFADevices", resource: "*"}])
operation ListVirtualMFADevices with [AnswersOfIam] {
    input := {
        AssignmentStatus: AssignmentStatusType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        @required VirtualMFADevices: VirtualMFADeviceListType
        IsTruncated: Boolean
        Marker: String
    }
}

/// Lists the SSH keys of a user: there are none.
@audit("read")
@iam([{action: "iam:ListSSHPublicKeys", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation ListSSHPublicKeys with [AnswersOfIam] {
    input := {
        UserName: UserNameType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        SSHPublicKeys: SSHPublicKeyListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [NoSuchEntityException]
}

/// Lists the X.509 certificates of a user: there are none.
@audit("read")
@iam([{action: "iam:ListSigningCertificates", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation ListSigningCertificates with [AnswersOfIam] {
    input := {
        UserName: ExistingUserNameType
        Marker: MarkerType
        MaxItems: MaxItemsType
    }
    output := {
        @required Certificates: CertificateListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [NoSuchEntityException, ServiceFailureException]
}

/// Lists the credentials of a user for single services: there are none.
@audit("read")
@iam([{action: "iam:ListServiceSpecificCredentials", resource: "arn:aws:iam::{account}:user/{UserName}"}])
operation ListServiceSpecificCredentials with [AnswersOfIam] {
    input := {
        UserName: UserNameType
        ServiceName: String
        @since("2023") AllUsers: Boolean
        @since("2023") Marker: MarkerType
        @since("2023") MaxItems: MaxItemsType
    }
    output := {
        ServiceSpecificCredentials: ServiceSpecificCredentialsListType
        @since("2023") Marker: String
        @since("2023") IsTruncated: Boolean
    }
    errors: [NoSuchEntityException, ServiceNotSupportedException]
}

/// Tells what the policies of a user, group or role would decide, and by which statement.
@audit("read")
@iam([{action: "iam:SimulatePrincipalPolicy", resource: "{PolicySourceArn}"}])
operation SimulatePrincipalPolicy with [AnswersOfIam] {
    input := @omits([PolicyExclusionList]) {
        @required PolicySourceArn: ArnType
        PolicyInputList: SimulationPolicyListType
        PermissionsBoundaryPolicyInputList: SimulationPolicyListType
        @required ActionNames: ActionNameListType
        ResourceArns: ResourceNameListType
        ResourcePolicy: PolicyDocumentType
        ResourceOwner: ResourceNameType
        CallerArn: ResourceNameType
        ContextEntries: ContextEntryListType
        ResourceHandlingOption: ResourceHandlingOptionType
        MaxItems: MaxItemsType
        Marker: MarkerType
    }
    output := {
        EvaluationResults: EvaluationResultsListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [NoSuchEntityException, InvalidInputException, PolicyEvaluationException]
}

/// Tells what given policies would decide, and by which statement.
@audit("read")
@iam([{action: "iam:SimulateCustomPolicy", resource: "*"}])
operation SimulateCustomPolicy with [AnswersOfIam] {
    input := {
        @required PolicyInputList: SimulationPolicyListType
        PermissionsBoundaryPolicyInputList: SimulationPolicyListType
        @since("2023") OrderedOrganizationPolicyInputList: OrganizationPolicyListType
        @required ActionNames: ActionNameListType
        ResourceArns: ResourceNameListType
        ResourcePolicy: PolicyDocumentType
        ResourceOwner: ResourceNameType
        CallerArn: ResourceNameType
        ContextEntries: ContextEntryListType
        ResourceHandlingOption: ResourceHandlingOptionType
        MaxItems: MaxItemsType
        Marker: MarkerType
    }
    output := {
        EvaluationResults: EvaluationResultsListType
        IsTruncated: Boolean
        Marker: String
    }
    errors: [InvalidInputException, PolicyEvaluationException]
}

/// Lists the condition keys that given policies look at.
@audit("read")
@iam([{action: "iam:GetContextKeysForCustomPolicy", resource: "*"}])
operation GetContextKeysForCustomPolicy with [AnswersOfIam] {
    input := {
        @required PolicyInputList: SimulationPolicyListType
    }
    output := {
        ContextKeyNames: ContextKeyNamesResultListType
    }
    errors: [InvalidInputException]
}

/// Lists the condition keys that the policies of a user, group or role look at.
@audit("read")
@iam([{action: "iam:GetContextKeysForPrincipalPolicy", resource: "{PolicySourceArn}"}])
operation GetContextKeysForPrincipalPolicy with [AnswersOfIam] {
    input := {
        @required PolicySourceArn: ArnType
        PolicyInputList: SimulationPolicyListType
    }
    output := {
        ContextKeyNames: ContextKeyNamesResultListType
    }
    errors: [NoSuchEntityException, InvalidInputException]
}

/// Makes the report on all users' credentials.
@audit("read")
@iam([{action: "iam:GenerateCredentialReport", resource: "*"}])
operation GenerateCredentialReport with [AnswersOfIam] {
    input := {}
    output := {
        State: ReportStateType
        Description: String
    }
    errors: [LimitExceededException, ServiceFailureException]
}

/// Shows the report that was made last, as CSV.
@audit("read")
@iam([{action: "iam:GetCredentialReport", resource: "*"}])
operation GetCredentialReport with [AnswersOfIam] {
    input := {}
    output := {
        Content: Blob
        ReportFormat: ReportFormatType
        GeneratedTime: Timestamp
    }
    errors: [CredentialReportNotPresentException, CredentialReportExpiredException, CredentialReportNotReadyException, ServiceFailureException]
}

// Shapes

@since("2023")
@length(min: 1, max: 512)
@pattern("(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)")
string PathType

@length(min: 1, max: 64)
@pattern("[\\w+=,.@-]+")
string UserNameType

@length(min: 20, max: 2048)
string ArnType

@length(min: 1, max: 128)
@pattern("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+")
string TagKeyType

@length(min: 0, max: 256)
@pattern("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*")
string TagValueType

structure Tag {
    @required Key: TagKeyType
    @required Value: TagValueType
}

@length(max: 50)
list TagListType {
    member: Tag
}

@length(min: 16, max: 128)
@pattern("[\\w]+")
string IdType

enum PermissionsBoundaryAttachmentType {
    PERMISSIONS_BOUNDARY_POLICY = "PermissionsBoundaryPolicy"
}

structure AttachedPermissionsBoundary {
    PermissionsBoundaryType: PermissionsBoundaryAttachmentType
    PermissionsBoundaryArn: ArnType
}

structure User {
    @since("2023") @required Path: PathType
    @required UserName: UserNameType
    @required UserId: IdType
    @required Arn: ArnType
    @required CreateDate: Timestamp
    PasswordLastUsed: Timestamp
    PermissionsBoundary: AttachedPermissionsBoundary
    Tags: TagListType
}

@length(min: 1, max: 128)
@pattern("[\\w+=,.@-]+")
string ExistingUserNameType

@length(min: 1, max: 512)
@pattern("\\u002F[\\u0021-\\u007F]*")
string PathPrefixType

@length(min: 1, max: 320)
@pattern("[\\u0020-\\u00FF]+")
string MarkerType

@range(min: 1, max: 1000)
integer MaxItemsType

list UserListType {
    member: User
}

@length(max: 50)
list TagKeyListType {
    member: TagKeyType
}

@length(min: 1, max: 128)
@pattern("[\\w+=,.@-]+")
string GroupNameType

structure Group {
    @since("2023") @required Path: PathType
    @required GroupName: GroupNameType
    @required GroupId: IdType
    @required Arn: ArnType
    @required CreateDate: Timestamp
}

list GroupListType {
    member: Group
}

@length(min: 1, max: 64)
@pattern("[\\w+=,.@-]+")
string RoleNameType

@length(min: 1, max: 131072)
@pattern("[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+")
string PolicyDocumentType

@since("2023")
@length(max: 1000)
@pattern("[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*")
string RoleDescriptionType

@range(min: 3600, max: 43200)
integer RoleMaxSessionDurationType

structure RoleLastUsed {
    LastUsedDate: Timestamp
    Region: String
}

structure Role {
    @since("2023") @required Path: PathType
    @required RoleName: RoleNameType
    @required RoleId: IdType
    @required Arn: ArnType
    @required CreateDate: Timestamp
    AssumeRolePolicyDocument: PolicyDocumentType
    @since("2023") Description: RoleDescriptionType
    MaxSessionDuration: RoleMaxSessionDurationType
    PermissionsBoundary: AttachedPermissionsBoundary
    Tags: TagListType
    RoleLastUsed: RoleLastUsed
}

list RoleListType {
    member: Role
}

@length(min: 1, max: 64)
@pattern("[\\w+=,.@-]+")
string CustomSuffixType

@length(min: 16, max: 128)
@pattern("[\\w]+")
string AccessKeyIdType

enum StatusType {
    ACTIVE = "Active"
    INACTIVE = "Inactive"
    @since("2023") EXPIRED = "Expired"
}

@sensitive
string AccessKeySecretType

structure AccessKey {
    @required UserName: UserNameType
    @required AccessKeyId: AccessKeyIdType
    @required Status: StatusType
    @required SecretAccessKey: AccessKeySecretType
    CreateDate: Timestamp
}

structure AccessKeyMetadata {
    UserName: UserNameType
    AccessKeyId: AccessKeyIdType
    Status: StatusType
    CreateDate: Timestamp
}

list AccessKeyMetadataListType {
    member: AccessKeyMetadata
}

structure AccessKeyLastUsed {
    @since("2023") LastUsedDate: Timestamp
    @required ServiceName: String
    @required Region: String
}

@length(min: 1, max: 128)
@pattern("[\\w+=,.@-]+")
string PolicyNameType

list PolicyNameListType {
    member: PolicyNameType
}

@length(min: 1, max: 512)
@pattern("((/[A-Za-z0-9\\.,\\+@=_-]+)*)/")
string PolicyPathType

@length(max: 1000)
string PolicyDescriptionType

@pattern("v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?")
string PolicyVersionIdType

structure Policy {
    PolicyName: PolicyNameType
    PolicyId: IdType
    Arn: ArnType
    Path: PolicyPathType
    DefaultVersionId: PolicyVersionIdType
    AttachmentCount: Integer
    PermissionsBoundaryUsageCount: Integer
    IsAttachable: Boolean
    Description: PolicyDescriptionType
    CreateDate: Timestamp
    UpdateDate: Timestamp
    Tags: TagListType
}

enum PolicyScopeType {
    ALL = "All"
    AWS
    LOCAL = "Local"
}

enum PolicyUsageType {
    PERMISSIONS_POLICY = "PermissionsPolicy"
    PERMISSIONS_BOUNDARY = "PermissionsBoundary"
}

list PolicyListType {
    member: Policy
}

structure PolicyVersion {
    Document: PolicyDocumentType
    VersionId: PolicyVersionIdType
    IsDefaultVersion: Boolean
    CreateDate: Timestamp
}

list PolicyDocumentVersionListType {
    member: PolicyVersion
}

enum EntityType {
    USER = "User"
    ROLE = "Role"
    GROUP = "Group"
    LOCAL_MANAGED_POLICY = "LocalManagedPolicy"
    AWSMANAGED_POLICY = "AWSManagedPolicy"
}

structure PolicyGroup {
    GroupName: GroupNameType
    GroupId: IdType
}

list PolicyGroupListType {
    member: PolicyGroup
}

structure PolicyUser {
    UserName: UserNameType
    UserId: IdType
}

list PolicyUserListType {
    member: PolicyUser
}

structure PolicyRole {
    RoleName: RoleNameType
    RoleId: IdType
}

list PolicyRoleListType {
    member: PolicyRole
}

structure AttachedPolicy {
    PolicyName: PolicyNameType
    PolicyArn: ArnType
}

list AttachedPoliciesListType {
    member: AttachedPolicy
}

@length(min: 1, max: 128)
@pattern("[\\w+=,.@-]+")
string InstanceProfileNameType

structure InstanceProfile {
    @since("2023") @required Path: PathType
    @required InstanceProfileName: InstanceProfileNameType
    @required InstanceProfileId: IdType
    @required Arn: ArnType
    @required CreateDate: Timestamp
    @required Roles: RoleListType
    Tags: TagListType
}

list InstanceProfileListType {
    member: InstanceProfile
}

@sensitive
@length(min: 1, max: 128)
@pattern("[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+")
string PasswordType

structure LoginProfile {
    @required UserName: UserNameType
    @required CreateDate: Timestamp
    PasswordResetRequired: Boolean
}

@range(min: 6, max: 128)
integer MinimumPasswordLengthType

@range(min: 1, max: 1095)
integer MaxPasswordAgeType

@range(min: 1, max: 24)
integer PasswordReusePreventionType

structure PasswordPolicy {
    MinimumPasswordLength: MinimumPasswordLengthType
    RequireSymbols: Boolean
    RequireNumbers: Boolean
    RequireUppercaseCharacters: Boolean
    RequireLowercaseCharacters: Boolean
    AllowUsersToChangePassword: Boolean
    ExpirePasswords: Boolean
    MaxPasswordAge: MaxPasswordAgeType
    PasswordReusePrevention: PasswordReusePreventionType
    HardExpiry: Boolean
}

@since("2023")
@length(min: 3, max: 63)
@pattern("^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$")
string AccountAliasType

list AccountAliasListType {
    member: AccountAliasType
}

enum SummaryKeyType {
    USERS = "Users"
    USERS_QUOTA = "UsersQuota"
    GROUPS = "Groups"
    GROUPS_QUOTA = "GroupsQuota"
    SERVER_CERTIFICATES = "ServerCertificates"
    SERVER_CERTIFICATES_QUOTA = "ServerCertificatesQuota"
    USER_POLICY_SIZE_QUOTA = "UserPolicySizeQuota"
    GROUP_POLICY_SIZE_QUOTA = "GroupPolicySizeQuota"
    GROUPS_PER_USER_QUOTA = "GroupsPerUserQuota"
    SIGNING_CERTIFICATES_PER_USER_QUOTA = "SigningCertificatesPerUserQuota"
    ACCESS_KEYS_PER_USER_QUOTA = "AccessKeysPerUserQuota"
    MFADEVICES = "MFADevices"
    MFADEVICES_IN_USE = "MFADevicesInUse"
    ACCOUNT_MFAENABLED = "AccountMFAEnabled"
    ACCOUNT_ACCESS_KEYS_PRESENT = "AccountAccessKeysPresent"
    @since("2023") ACCOUNT_PASSWORD_PRESENT = "AccountPasswordPresent"
    ACCOUNT_SIGNING_CERTIFICATES_PRESENT = "AccountSigningCertificatesPresent"
    ATTACHED_POLICIES_PER_GROUP_QUOTA = "AttachedPoliciesPerGroupQuota"
    ATTACHED_POLICIES_PER_ROLE_QUOTA = "AttachedPoliciesPerRoleQuota"
    ATTACHED_POLICIES_PER_USER_QUOTA = "AttachedPoliciesPerUserQuota"
    POLICIES = "Policies"
    POLICIES_QUOTA = "PoliciesQuota"
    POLICY_SIZE_QUOTA = "PolicySizeQuota"
    POLICY_VERSIONS_IN_USE = "PolicyVersionsInUse"
    POLICY_VERSIONS_IN_USE_QUOTA = "PolicyVersionsInUseQuota"
    VERSIONS_PER_POLICY_QUOTA = "VersionsPerPolicyQuota"
    GLOBAL_ENDPOINT_TOKEN_VERSION = "GlobalEndpointTokenVersion"
    @since("2023") ASSUME_ROLE_POLICY_SIZE_QUOTA = "AssumeRolePolicySizeQuota"
    @since("2023") INSTANCE_PROFILES = "InstanceProfiles"
    @since("2023") INSTANCE_PROFILES_QUOTA = "InstanceProfilesQuota"
    @since("2023") PROVIDERS = "Providers"
    @since("2023") ROLE_POLICY_SIZE_QUOTA = "RolePolicySizeQuota"
    @since("2023") ROLES = "Roles"
    @since("2023") ROLES_QUOTA = "RolesQuota"
}

map SummaryMapType {
    key: SummaryKeyType
    /// A number.
    @observed("a number in text is the same on the wire") value: String
}

list EntityListType {
    member: EntityType
}

structure PolicyDetail {
    PolicyName: PolicyNameType
    PolicyDocument: PolicyDocumentType
}

list PolicyDetailListType {
    member: PolicyDetail
}

list GroupNameListType {
    member: GroupNameType
}

structure UserDetail {
    @since("2023") Path: PathType
    UserName: UserNameType
    UserId: IdType
    Arn: ArnType
    CreateDate: Timestamp
    UserPolicyList: PolicyDetailListType
    GroupList: GroupNameListType
    AttachedManagedPolicies: AttachedPoliciesListType
    PermissionsBoundary: AttachedPermissionsBoundary
    Tags: TagListType
}

list UserDetailListType {
    member: UserDetail
}

structure GroupDetail {
    @since("2023") Path: PathType
    GroupName: GroupNameType
    GroupId: IdType
    Arn: ArnType
    CreateDate: Timestamp
    GroupPolicyList: PolicyDetailListType
    AttachedManagedPolicies: AttachedPoliciesListType
}

list GroupDetailListType {
    member: GroupDetail
}

structure RoleDetail {
    @since("2023") Path: PathType
    RoleName: RoleNameType
    RoleId: IdType
    Arn: ArnType
    CreateDate: Timestamp
    AssumeRolePolicyDocument: PolicyDocumentType
    InstanceProfileList: InstanceProfileListType
    RolePolicyList: PolicyDetailListType
    AttachedManagedPolicies: AttachedPoliciesListType
    PermissionsBoundary: AttachedPermissionsBoundary
    Tags: TagListType
    RoleLastUsed: RoleLastUsed
}

list RoleDetailListType {
    member: RoleDetail
}

structure ManagedPolicyDetail {
    PolicyName: PolicyNameType
    PolicyId: IdType
    Arn: ArnType
    Path: PolicyPathType
    DefaultVersionId: PolicyVersionIdType
    AttachmentCount: Integer
    PermissionsBoundaryUsageCount: Integer
    IsAttachable: Boolean
    Description: PolicyDescriptionType
    CreateDate: Timestamp
    UpdateDate: Timestamp
    PolicyVersionList: PolicyDocumentVersionListType
}

list ManagedPolicyDetailListType {
    member: ManagedPolicyDetail
}

@length(min: 1000, max: 10000000)
string SAMLMetadataDocumentType

@length(min: 1, max: 128)
@pattern("[\\w._-]+")
string SAMLProviderNameType

enum AssertionEncryptionModeType {
    @since("2023") REQUIRED = "Required"
    @since("2023") ALLOWED = "Allowed"
}

@sensitive
@length(min: 1, max: 16384)
@pattern("[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+")
string PrivateKeyType

@since("2023")
@length(min: 22, max: 64)
@pattern("[A-Z0-9]+")
string PrivateKeyIdType

structure SAMLPrivateKey {
    @since("2023") KeyId: PrivateKeyIdType
    @since("2023") Timestamp: Timestamp
}

@length(max: 2)
list PrivateKeyList {
    member: SAMLPrivateKey
}

structure SAMLProviderListEntry {
    Arn: ArnType
    ValidUntil: Timestamp
    CreateDate: Timestamp
}

list SAMLProviderListType {
    member: SAMLProviderListEntry
}

@length(min: 1, max: 255)
string OpenIDConnectProviderUrlType

@length(min: 1, max: 255)
string ClientIDType

list ClientIDListType {
    member: ClientIDType
}

@length(min: 40, max: 40)
string ThumbprintType

list ThumbprintListType {
    member: ThumbprintType
}

structure OpenIDConnectProviderListEntry {
    Arn: ArnType
}

list OpenIDConnectProviderListType {
    member: OpenIDConnectProviderListEntry
}

@length(min: 1)
@pattern("[\\w+=,.@-]+")
string VirtualMFADeviceName

@length(min: 9, max: 256)
@pattern("[\\w+=/:,.@-]+")
string SerialNumberType

@sensitive
blob BootstrapDatum

structure VirtualMFADevice {
    @required SerialNumber: SerialNumberType
    Base32StringSeed: BootstrapDatum
    QRCodePNG: BootstrapDatum
    User: User
    EnableDate: Timestamp
    Tags: TagListType
}

@length(min: 6, max: 6)
@pattern("[\\d]+")
string AuthenticationCodeType

structure MFADevice {
    @required UserName: UserNameType
    @required SerialNumber: SerialNumberType
    @required EnableDate: Timestamp
}

list MfaDeviceListType {
    member: MFADevice
}

enum AssignmentStatusType {
    ASSIGNED = "Assigned"
    UNASSIGNED = "Unassigned"
    ANY = "Any"
}

list VirtualMFADeviceListType {
    member: VirtualMFADevice
}

@length(min: 20, max: 128)
@pattern("[\\w]+")
string PublicKeyIdType

structure SSHPublicKeyMetadata {
    @required UserName: UserNameType
    @required SSHPublicKeyId: PublicKeyIdType
    @required Status: StatusType
    @required UploadDate: Timestamp
}

list SSHPublicKeyListType {
    member: SSHPublicKeyMetadata
}

@length(min: 24, max: 128)
@pattern("[\\w]+")
string CertificateIdType

@length(min: 1, max: 16384)
@pattern("[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+")
string CertificateBodyType

structure SigningCertificate {
    @required UserName: UserNameType
    @required CertificateId: CertificateIdType
    @required CertificateBody: CertificateBodyType
    @required Status: StatusType
    UploadDate: Timestamp
}

list CertificateListType {
    member: SigningCertificate
}

@since("2023")
@length(min: 0, max: 200)
@pattern("[\\w+=,.@-]*")
string ServiceUserName

@since("2023")
@length(min: 0, max: 200)
@pattern("[\\w+=,.@-]+")
string ServiceCredentialAlias

@length(min: 20, max: 128)
@pattern("[\\w]+")
string ServiceSpecificCredentialId

structure ServiceSpecificCredentialMetadata {
    @required UserName: UserNameType
    @required Status: StatusType
    @since("2023") ServiceUserName: ServiceUserName
    @since("2023") ServiceCredentialAlias: ServiceCredentialAlias
    @required CreateDate: Timestamp
    @since("2023") ExpirationDate: Timestamp
    @required ServiceSpecificCredentialId: ServiceSpecificCredentialId
    @required ServiceName: String
}

list ServiceSpecificCredentialsListType {
    member: ServiceSpecificCredentialMetadata
}

list SimulationPolicyListType {
    member: PolicyDocumentType
}

@length(min: 3, max: 128)
string ActionNameType

list ActionNameListType {
    member: ActionNameType
}

@length(min: 1, max: 2048)
string ResourceNameType

list ResourceNameListType {
    member: ResourceNameType
}

@length(min: 5, max: 256)
string ContextKeyNameType

list ContextKeyValueListType {
    member: String
}

enum ContextKeyTypeEnum {
    STRING = "string"
    STRING_LIST = "stringList"
    NUMERIC = "numeric"
    NUMERIC_LIST = "numericList"
    BOOLEAN = "boolean"
    BOOLEAN_LIST = "booleanList"
    IP = "ip"
    IP_LIST = "ipList"
    BINARY = "binary"
    BINARY_LIST = "binaryList"
    DATE = "date"
    DATE_LIST = "dateList"
}

structure ContextEntry {
    ContextKeyName: ContextKeyNameType
    ContextKeyValues: ContextKeyValueListType
    ContextKeyType: ContextKeyTypeEnum
}

list ContextEntryListType {
    member: ContextEntry
}

@length(min: 1, max: 64)
string ResourceHandlingOptionType

enum PolicyEvaluationDecisionType {
    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"
}

enum PolicySourceType {
    USER = "user"
    GROUP = "group"
    ROLE = "role"
    AWS_MANAGED = "aws-managed"
    USER_MANAGED = "user-managed"
    RESOURCE = "resource"
    NONE = "none"
}

structure Position {
    Line: Integer
    Column: Integer
}

structure Statement {
    SourcePolicyId: String
    SourcePolicyType: PolicySourceType
    StartPosition: Position
    EndPosition: Position
}

list StatementListType {
    member: Statement
}

list ContextKeyNamesResultListType {
    member: ContextKeyNameType
}

structure OrganizationsDecisionDetail {
    AllowedByOrganizations: Boolean
}

structure PermissionsBoundaryDecisionDetail {
    AllowedByPermissionsBoundary: Boolean
}

@length(min: 3, max: 256)
string EvalDecisionSourceType

map EvalDecisionDetailsType {
    key: EvalDecisionSourceType
    value: PolicyEvaluationDecisionType
}

structure ResourceSpecificResult {
    @required EvalResourceName: ResourceNameType
    @required EvalResourceDecision: PolicyEvaluationDecisionType
    MatchedStatements: StatementListType
    MissingContextValues: ContextKeyNamesResultListType
    EvalDecisionDetails: EvalDecisionDetailsType
    PermissionsBoundaryDecisionDetail: PermissionsBoundaryDecisionDetail
}

list ResourceSpecificResultListType {
    member: ResourceSpecificResult
}

structure EvaluationResult {
    @required EvalActionName: ActionNameType
    EvalResourceName: ResourceNameType
    @required EvalDecision: PolicyEvaluationDecisionType
    MatchedStatements: StatementListType
    MissingContextValues: ContextKeyNamesResultListType
    OrganizationsDecisionDetail: OrganizationsDecisionDetail
    PermissionsBoundaryDecisionDetail: PermissionsBoundaryDecisionDetail
    EvalDecisionDetails: EvalDecisionDetailsType
    ResourceSpecificResults: ResourceSpecificResultListType
}

list EvaluationResultsListType {
    member: EvaluationResult
}

structure OrderedOrganizationPolicyType {
    @since("2023") ServiceControlPolicyInputList: SimulationPolicyListType
}

@length(max: 7)
list OrganizationPolicyListType {
    member: OrderedOrganizationPolicyType
}

enum ReportStateType {
    STARTED
    INPROGRESS
    COMPLETE
}

enum ReportFormatType {
    TEXT_CSV = "text/csv"
}

// Errors

@error("client") @httpError(400)
structure ValidationError {
    message: String
}

@error("client") @httpError(403)
structure AccessDenied {
    message: String
}

@error("client") @httpError(409) @awsQueryError(code: "LimitExceeded")
structure LimitExceededException {
    message: String
}

@error("client") @httpError(409) @awsQueryError(code: "EntityAlreadyExists")
structure EntityAlreadyExistsException {
    message: String
}

@error("client") @httpError(404) @awsQueryError(code: "NoSuchEntity")
structure NoSuchEntityException {
    message: String
}

@error("client") @httpError(400) @awsQueryError(code: "InvalidInput")
structure InvalidInputException {
    message: String
}

@error("client") @httpError(409) @awsQueryError(code: "ConcurrentModification")
structure ConcurrentModificationException {
    message: String
}

@error("server") @httpError(500) @awsQueryError(code: "ServiceFailure")
structure ServiceFailureException {
    message: String
}

@error("client") @httpError(409) @awsQueryError(code: "EntityTemporarilyUnmodifiable")
structure EntityTemporarilyUnmodifiableException {
    message: String
}

@error("client") @httpError(409) @awsQueryError(code: "DeleteConflict")
structure DeleteConflictException {
    message: String
}

@error("client") @httpError(400) @awsQueryError(code: "MalformedPolicyDocument")
structure MalformedPolicyDocumentException {
    message: String
}

@error("client") @httpError(400) @awsQueryError(code: "UnmodifiableEntity")
structure UnmodifiableEntityException {
    message: String
}

@error("client") @httpError(400) @awsQueryError(code: "PolicyNotAttachable")
structure PolicyNotAttachableException {
    message: String
}

@error("client") @httpError(400) @awsQueryError(code: "PasswordPolicyViolation")
structure PasswordPolicyViolationException {
    message: String
}

@error("client") @httpError(400) @awsQueryError(code: "InvalidUserType")
structure InvalidUserTypeException {
    message: String
}

@error("client") @httpError(400) @awsQueryError(code: "OpenIdIdpCommunicationError")
structure OpenIdIdpCommunicationErrorException {
    message: String
}

@error("client") @httpError(403) @awsQueryError(code: "InvalidAuthenticationCode")
structure InvalidAuthenticationCodeException {
    message: String
}

@error("client") @httpError(404) @awsQueryError(code: "NotSupportedService")
structure ServiceNotSupportedException {
    message: String
}

@error("server") @httpError(500) @awsQueryError(code: "PolicyEvaluation")
structure PolicyEvaluationException {
    message: String
}

@error("client") @httpError(410) @awsQueryError(code: "ReportNotPresent")
structure CredentialReportNotPresentException {
    message: String
}

@error("client") @httpError(410) @awsQueryError(code: "ReportExpired")
structure CredentialReportExpiredException {
    message: String
}

@error("client") @httpError(404) @awsQueryError(code: "ReportInProgress")
structure CredentialReportNotReadyException {
    message: String
}

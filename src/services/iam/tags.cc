// SPDX-License-Identifier: Apache-2.0
//
// Tags of users, roles and policies: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html

#include "services/iam/handlers.h"
#include "services/iam/managed.h"
#include "services/iam/operations.h"

namespace firmsign::iam {
namespace {

constexpr std::size_t kTagsMax = 50;

template <class Op>
Found<Op, Entity> NeedTagged(db::Reader& reader, const Call<Op>& call) {
  if constexpr (KindOf<Op>() == Kind::kPolicy) {
    return NeedOwnPolicy(reader, call);
  } else {
    return NeedNamed(reader, call);
  }
}

// A key in another case is the same key, and takes the new spelling.
template <class Op>
aws::Result<Op> AddTags(Service& iam, const Call<Op>& call) {
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const Entity entity, NeedTagged(transaction, call));
    ASSIGN_OR_RETURN(const policy::Tags tags, TagsIn<Op>(call.input().tags));
    ASSIGN_OR_RETURN(const policy::Tags present, entities::TagsOf(transaction, entity.id));
    std::size_t count = present.size() + tags.size();
    for (const auto& [key, value] : present) {
      const auto same = [&](const auto& tag) { return EqualsIgnoreCase(tag.first, key); };
      if (std::ranges::none_of(tags, same)) continue;
      --count;
      RETURN_IF_ERROR(entities::RemoveTag(transaction, entity.id, key));
    }
    RETURN_IF_ERROR(CheckSize<Op>("TagsPerEntity", count, kTagsMax));
    RETURN_IF_ERROR(PutTags(transaction, entity.id, tags));
    return typename Op::Output{};
  });
}

template <class Op>
aws::Result<Op> TakeTags(Service& iam, const Call<Op>& call) {
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const Entity entity, NeedTagged(transaction, call));
    ASSIGN_OR_RETURN(const policy::Tags present, entities::TagsOf(transaction, entity.id));
    for (const auto& [key, value] : present) {
      const auto same = [&](const std::string& name) { return EqualsIgnoreCase(name, key); };
      if (std::ranges::none_of(call.input().tag_keys, same)) continue;
      RETURN_IF_ERROR(entities::RemoveTag(transaction, entity.id, key));
    }
    return typename Op::Output{};
  });
}

template <class Op>
aws::Result<Op> ListTags(Service& iam, const Call<Op>& call) {
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<Op> {
    policy::Tags tags;
    if constexpr (KindOf<Op>() == Kind::kPolicy) {
      ASSIGN_OR_RETURN(const FoundPolicy policy,
                       NeedPolicy<Op>(reader, call.facts().account(), call.input().policy_arn));
      if (policy.own) {
        ASSIGN_OR_RETURN(tags, entities::TagsOf(reader, policy.own->id));
      }
    } else {
      ASSIGN_OR_RETURN(const Entity entity, NeedNamed(reader, call));
      ASSIGN_OR_RETURN(tags, entities::TagsOf(reader, entity.id));
    }
    typename Op::Output output;
    RETURN_IF_ERROR(CutPage<Op>(call.input(), output, tags, [](const auto& tag) { return tag.first; }));
    output.tags = TagsAnswer(tags).value_or(std::vector<Tag>());
    return output;
  });
}

}  // namespace

aws::Result<ops::TagUser> TagUser(Service& iam, const Call<ops::TagUser>& call) { return AddTags(iam, call); }

aws::Result<ops::UntagUser> UntagUser(Service& iam, const Call<ops::UntagUser>& call) { return TakeTags(iam, call); }

aws::Result<ops::ListUserTags> ListUserTags(Service& iam, const Call<ops::ListUserTags>& call) {
  return ListTags(iam, call);
}

aws::Result<ops::TagRole> TagRole(Service& iam, const Call<ops::TagRole>& call) { return AddTags(iam, call); }

aws::Result<ops::UntagRole> UntagRole(Service& iam, const Call<ops::UntagRole>& call) { return TakeTags(iam, call); }

aws::Result<ops::ListRoleTags> ListRoleTags(Service& iam, const Call<ops::ListRoleTags>& call) {
  return ListTags(iam, call);
}

aws::Result<ops::TagPolicy> TagPolicy(Service& iam, const Call<ops::TagPolicy>& call) { return AddTags(iam, call); }

aws::Result<ops::UntagPolicy> UntagPolicy(Service& iam, const Call<ops::UntagPolicy>& call) {
  return TakeTags(iam, call);
}

aws::Result<ops::ListPolicyTags> ListPolicyTags(Service& iam, const Call<ops::ListPolicyTags>& call) {
  return ListTags(iam, call);
}

}  // namespace firmsign::iam

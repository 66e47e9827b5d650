// SPDX-License-Identifier: Apache-2.0

#include "services/events/event_bus.h"

#include "platform/json/json.h"
#include "services/events/store.h"

namespace firmsign::events {

std::string FormatEnvelope(const ports::Event& event) {
  std::string out;
  json::Writer writer(out);
  writer.BeginObject();
  const auto member = [&](std::string_view name, std::string_view value) {
    writer.Name(name);
    writer.String(value);
  };
  member("version", "0");
  member("id", event.id);
  member("detail-type", event.detail_type);
  member("source", event.source);
  member("account", event.account.str());
  member("time", FormatIso8601(event.time));
  member("region", event.region.str());
  writer.Name("resources");
  writer.BeginArray();
  for (const std::string& resource : event.resources) writer.String(resource);
  writer.EndArray();
  writer.Name("detail");
  writer.Raw(event.detail_json);
  writer.EndObject();
  return out;
}

Expected<void> EventBus::Announce(db::Transaction& transaction, const ports::Event& event) {
  return InsertEvent(transaction, event.id, FormatEnvelope(event));
}

}  // namespace firmsign::events

# The three storage topics of one worker group, with the default numbers of partitions: 25, 1 and 5.
resource "kafkaconnect_internal_topic" "orders" {
  for_each = toset(["offset", "config", "status"])

  role     = each.key
  name     = "orders-connect-${each.key}"
  group_id = "orders-connect"

  replication_factor = 3
  config = {
    "min.insync.replicas" = "2"
  }
}

# To increase the partitions without deleting a topic, add a second topic that starts with the records of the first.
# Stop the workers, apply, and start them with offset.storage.topic set to the new name.
resource "kafkaconnect_internal_topic" "orders_offsets_50" {
  role       = "offset"
  name       = "orders-connect-offset-50"
  group_id   = "orders-connect"
  partitions = 50
  seed_from  = kafkaconnect_internal_topic.orders["offset"].name
}

# The own offsets topic of a source connector, which names it in offsets.storage.topic.
resource "kafkaconnect_internal_topic" "orders_source_offsets" {
  role       = "offset"
  name       = "orders-source-offsets"
  group_id   = "orders-connect"
  connectors = ["orders-source"]
  partitions = 1
}

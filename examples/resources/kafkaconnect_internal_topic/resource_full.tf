# Full: settings, and a change of the replication factor without downtime.
resource "kafkaconnect_internal_topic" "payments" {
  role       = "offset"
  name       = "payments-connect-offset"
  group_id   = "payments-connect"
  partitions = 5 # a change copies the records while the workers are stopped

  replication_factor = 3
  config = {
    "min.insync.replicas" = "2"
  }
  deletion_protection = true
}

# To increase the partitions without deleting a topic, add a second topic that starts with the records of the first.
# Stop the workers, apply, and start them with offset.storage.topic set to the new name.
resource "kafkaconnect_internal_topic" "payments_offsets_50" {
  role       = "offset"
  name       = "payments-connect-offset-50"
  group_id   = "payments-connect"
  partitions = 50
  seed_from  = kafkaconnect_internal_topic.payments.name
}

# The own offsets topic of a source connector, which names it in offsets.storage.topic.
resource "kafkaconnect_internal_topic" "orders_source_offsets" {
  role       = "offset"
  name       = "orders-source-offsets"
  group_id   = "orders-connect"
  connectors = ["orders-source"]
  partitions = 1
}

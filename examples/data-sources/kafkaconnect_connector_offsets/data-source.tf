# A new connector starts where the old one is. Stop the old one first.
data "kafkaconnect_connector_offsets" "old" {
  name = "orders-source"
}

resource "kafkaconnect_connector" "new" {
  name = "orders-source-v2"

  config = {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSourceConnector"
    "tasks.max"       = "1"
    "file"            = "/data/orders.txt"
    "topic"           = "orders"
  }

  initial_offsets = data.kafkaconnect_connector_offsets.old.offsets
}

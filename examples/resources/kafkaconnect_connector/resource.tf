# Basic: a connector that is to run.
resource "kafkaconnect_connector" "orders" {
  name = "orders-source"

  config = {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSourceConnector"
    "tasks.max"       = "1"
    "file"            = "/data/orders.txt"
    "topic"           = "orders"
  }
}

terraform {
  required_providers {
    kafkaconnect = {
      source = "kafkaconnect/kafkaconnect"
    }
  }
}

provider "kafkaconnect" {
  connect = {
    urls       = ["http://localhost:8083"]
    stable_for = "30s" # how long an update is observed
  }
}

# If this connector fails after an update, it gets its previous configuration back, and the apply fails.
resource "kafkaconnect_connector" "orders" {
  name = "orders-sink"
  config = {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSinkConnector"
    "tasks.max"       = "1"
    "topics"          = "orders"
    "file"            = "/tmp/orders.txt"
  }
  on_update_failure = "rollback"
}

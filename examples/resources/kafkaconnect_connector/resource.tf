variable "database_password" {
  type      = string
  sensitive = true
}

resource "kafkaconnect_connector" "orders" {
  name = "orders-source"

  config = {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSourceConnector"
    "tasks.max"       = "1"
    "file"            = "/data/orders.txt"
    "topic"           = "orders"
  }

  # Not shown in Terraform's output, but stored in the state.
  config_sensitive = {
    "database.password" = var.database_password
  }

  state               = "RUNNING"
  on_failure          = "restart"
  on_update_failure   = "rollback"
  deletion_protection = true

  timeouts = {
    create = "5m"
  }
}

# terraform apply -invoke=action.kafkaconnect_restart_connector.failed restarts what is FAILED of this connector.
action "kafkaconnect_restart_connector" "failed" {
  config {
    name        = "orders-source"
    only_failed = true
  }
}

# A password that the workers read from a file: Connect reads the file when a connector starts.
resource "terraform_data" "password" {
  input = filesha256("${path.module}/orders.properties")

  lifecycle {
    action_trigger {
      events  = [after_update]
      actions = [action.kafkaconnect_restart_connector.orders]
    }
  }
}

action "kafkaconnect_restart_connector" "orders" {
  config {
    name     = "orders-source"
    timeouts = { invoke = "5m" }
  }
}

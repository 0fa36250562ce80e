# Full: secrets, what happens after failures, where the connector starts, and what protects it.
variable "database_password" {
  type      = string
  sensitive = true
}

variable "api_key" {
  type      = string
  ephemeral = true
}

resource "kafkaconnect_connector" "payments" {
  name = "payments-source"

  config = {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSourceConnector"
    "tasks.max"       = "1"
    "file"            = "/data/payments.txt"
    "topic"           = "payments"
    "user.password"   = "$${file:/run/secrets/payments.properties:password}" # resolved by the worker
  }

  # Not shown in Terraform's output, but stored in the state.
  config_sensitive = {
    "database.password" = var.database_password
  }

  # Not stored. Needs Terraform 1.11.
  config_wo = {
    "api.key" = var.api_key
  }

  ignored_config_keys = ["managed.elsewhere"]

  state             = "RUNNING"
  on_failure        = "restart"
  on_update_failure = "rollback"

  # Once, when the connector is created. offsets_from takes the offsets of another connector instead.
  initial_offsets = [{
    partition = jsonencode({ filename = "/data/payments.txt" })
    offset    = jsonencode({ position = 120 })
  }]

  reset_offsets_on_destroy = false
  deletion_protection      = true

  timeouts = {
    create = "5m"
  }
}

variable "kafka_password" {
  type      = string
  ephemeral = true
}

ephemeral "kafkaconnect_worker_config" "orders" {
  group_id             = "orders-connect"
  bootstrap_servers    = ["broker-0:9093"]
  offset_storage_topic = "orders-connect-offset"
  config_storage_topic = "orders-connect-config"
  status_storage_topic = "orders-connect-status"
  key_converter        = "org.apache.kafka.connect.json.JsonConverter"
  value_converter      = "org.apache.kafka.connect.json.JsonConverter"

  security = {
    protocol = "SASL_SSL"
    sasl     = { mechanism = "PLAIN", username = "connect", password = var.kafka_password }
  }
}

# The whole file goes into a secret store, through a write-only argument. Raise the version to write it again.
resource "aws_secretsmanager_secret_version" "worker" {
  secret_id                = "orders-connect-worker"
  secret_string_wo         = ephemeral.kafkaconnect_worker_config.orders.content
  secret_string_wo_version = 1
}

# Full: brokers with SASL_SSL.
variable "kafka_password" {
  type      = string
  ephemeral = true
}

resource "kafkaconnect_standalone_worker_config" "secured" {
  bootstrap_servers            = ["broker-0:9093"]
  offset_storage_file_filename = "/var/lib/kafka-connect/offsets"
  key_converter                = "org.apache.kafka.connect.storage.StringConverter"
  value_converter              = "org.apache.kafka.connect.storage.StringConverter"

  security = {
    protocol = "SASL_SSL"
    sasl = {
      mechanism   = "PLAIN"
      username    = "connect"
      password_wo = var.kafka_password # written to the file, never to the state
    }
  }

  path = "${path.module}/connect-secured.properties"
}

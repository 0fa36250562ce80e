variable "kafka_password" {
  type      = string
  sensitive = true
}

# A login for the Kafka clients of one connector.
resource "kafkaconnect_connector" "orders" {
  name = "orders"
  config = {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSourceConnector"
    "file"            = "/data/orders.txt"
    "topic"           = "orders"
  }
  config_sensitive = {
    "producer.override.sasl.jaas.config" = provider::kafkaconnect::jaas_config("PLAIN", {
      username = "orders"
      password = var.kafka_password
    })
  }
}

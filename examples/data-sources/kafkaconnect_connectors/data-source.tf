data "kafkaconnect_connectors" "unhealthy" {
  name_regex = "^orders-"
  healthy    = false
}

output "unhealthy" {
  value = { for name, connector in data.kafkaconnect_connectors.unhealthy.connectors : name => connector.error }
}

# A client.properties file for a command line tool.
output "client_properties" {
  value = provider::kafkaconnect::properties_encode({
    "bootstrap.servers" = "broker-0:9093"
    "security.protocol" = "SSL"
    "client.id"         = "käfka" # k\u00e4fka
  })
}

# CONNECT_GROUP_ID, CONNECT_BOOTSTRAP_SERVERS, …
output "environment" {
  value = provider::kafkaconnect::worker_environment({
    "group.id"          = "orders-connect"
    "bootstrap.servers" = "broker-0:9092"
  })
}

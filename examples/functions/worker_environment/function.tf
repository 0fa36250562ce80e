# CONNECT_GROUP_ID, CONNECT_BOOTSTRAP_SERVERS, …
output "environment" {
  value = provider::kafkaconnect::worker_environment({
    "group.id"          = "orders-connect"
    "bootstrap.servers" = "broker-0:9092"
  })
}

# GROUP_ID, BOOTSTRAP_SERVERS, … for quay.io/debezium/connect
output "environment_of_debezium" {
  value = provider::kafkaconnect::worker_environment({
    "group.id"          = "orders-connect"
    "bootstrap.servers" = "broker-0:9092"
  }, "debezium")
}

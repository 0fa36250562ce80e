data "kafkaconnect_connector" "orders" {
  name = "orders-sink"
}

output "orders" {
  value = {
    healthy = data.kafkaconnect_connector.orders.healthy
    error   = data.kafkaconnect_connector.orders.error # null, or the root causes
    lag     = data.kafkaconnect_connector.orders.lag   # needs the kafka attribute of the provider
    tasks   = { for task in data.kafkaconnect_connector.orders.tasks : task.id => task.state }
  }
}

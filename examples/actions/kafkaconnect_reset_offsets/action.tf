# terraform apply -invoke=action.kafkaconnect_reset_offsets.orders lets the connector read everything again.
action "kafkaconnect_reset_offsets" "orders" {
  config {
    name = "orders-source"
  }
}

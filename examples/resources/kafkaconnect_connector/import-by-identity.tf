import {
  to = kafkaconnect_connector.orders
  identity = {
    name = "orders-source"
  }
}

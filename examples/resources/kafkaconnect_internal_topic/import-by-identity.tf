import {
  to = kafkaconnect_internal_topic.orders["offset"]
  identity = {
    role = "offset"
    name = "orders-connect-offset"
  }
}

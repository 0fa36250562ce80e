list "kafkaconnect_connector" "all" {
  provider = kafkaconnect
  limit    = 1000
}

list "kafkaconnect_internal_topic" "group" {
  provider = kafkaconnect
  config {
    group_id = "connect-cluster"
  }
}

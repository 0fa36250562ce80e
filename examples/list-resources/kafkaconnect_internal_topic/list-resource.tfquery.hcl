# The three topics of a group whose workers run.
list "kafkaconnect_internal_topic" "group" {
  provider = kafkaconnect
  config {
    group_id = "connect-cluster"
  }
}

# The config topics of all groups.
list "kafkaconnect_internal_topic" "config" {
  provider = kafkaconnect
  config {
    role = "config"
  }
}

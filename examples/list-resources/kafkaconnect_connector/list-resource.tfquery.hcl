# All connectors. Run: terraform query -generate-config-out=generated.tf
list "kafkaconnect_connector" "all" {
  provider = kafkaconnect
  limit    = 1000
}

# The sinks of one team that have a problem.
list "kafkaconnect_connector" "unhealthy" {
  provider = kafkaconnect
  config {
    name_regex = "^payments-"
    type       = "sink"
    healthy    = false
  }
}

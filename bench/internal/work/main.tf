# The connectors of the benchmark. A configuration for another provider (PEER_TF) must declare the same connectors in one
# resource with count, and use the same variables.

terraform {
  required_providers {
    kafkaconnect = { source = "kafkaconnect/kafkaconnect" }
  }
}

# URL of the Connect worker's REST API, without a trailing slash.
variable "url" { type = string }

# Number of connectors.
variable "n" { type = number }

# Revision of the connectors' configuration. Another number changes all connectors.
variable "revision" { type = number }

# How many connectors, from the first, have the next revision. Another number changes some connectors.
variable "ahead" { type = number }

provider "kafkaconnect" {
  connect = { urls = [var.url] }
}

resource "kafkaconnect_connector" "bench" {
  count = var.n

  name = "bench-${count.index}"

  config = {
    "connector.class"                = "org.apache.kafka.connect.file.FileStreamSourceConnector"
    "tasks.max"                      = "1"
    "file"                           = "/nonexistent/bench-${count.index}.txt"
    "topic"                          = "bench-${count.index}"
    "batch.size"                     = tostring(var.revision + (count.index < var.ahead ? 1 : 0))
    "key.converter"                  = "org.apache.kafka.connect.json.JsonConverter"
    "key.converter.schemas.enable"   = "false"
    "value.converter"                = "org.apache.kafka.connect.json.JsonConverter"
    "value.converter.schemas.enable" = "false"
    "transforms"                     = "origin"
    "transforms.origin.type"         = "org.apache.kafka.connect.transforms.InsertField$Value"
    "transforms.origin.static.field" = "origin"
    "transforms.origin.static.value" = "bench-${count.index}"
  }

  state = "STOPPED" # the worker runs no tasks
}

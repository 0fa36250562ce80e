# The work of the benchmark. A configuration for another provider (PEER_TF) declares the same connectors by the same
# variables, in one resource with count.

terraform {
  required_providers {
    kafkaconnect = { source = "kafkaconnect/kafkaconnect" }
  }
}

# Address of the Connect worker's REST API, without a slash at the end.
variable "url" { type = string }

# Number of connectors.
variable "n" { type = number }

# The configuration that connectors are to have: another number is a change of all.
variable "revision" { type = number }

# How many connectors, the first ones, are to have the next revision already: a change of some.
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

  state = "STOPPED" # so that the worker has no tasks to run
}

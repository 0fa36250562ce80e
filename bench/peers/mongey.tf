terraform {
  required_providers {
    kafka-connect = { source = "Mongey/kafka-connect" }
  }
}

provider "kafka-connect" {
  url = var.url
}

resource "kafka-connect_connector" "bench" {
  count = var.n

  name = "bench-${count.index}"

  config = {
    "name"                           = "bench-${count.index}"
    "connector.class"                = "org.apache.kafka.connect.file.FileStreamSourceConnector"
    "tasks.max"                      = "1"
    "file"                           = var.file
    "topic"                          = "bench-${count.index}"
    "batch.size"                     = tostring(var.revision)
    "key.converter"                  = "org.apache.kafka.connect.json.JsonConverter"
    "key.converter.schemas.enable"   = "false"
    "value.converter"                = "org.apache.kafka.connect.json.JsonConverter"
    "value.converter.schemas.enable" = "false"
    "transforms"                     = "origin"
    "transforms.origin.type"         = "org.apache.kafka.connect.transforms.InsertField$Value"
    "transforms.origin.static.field" = "origin"
    "transforms.origin.static.value" = "bench-${count.index}"
  }
}

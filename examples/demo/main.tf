# Two connectors around one topic: lines appended to a file come out at the end of another one.

terraform {
  required_providers {
    kafkaconnect = {
      source = "kafkaconnect/kafkaconnect"
    }
  }
}

provider "kafkaconnect" {
  connect = { urls = [var.connect_url] }
}

locals {
  # The lines travel as they are: no schema, no JSON around them.
  lines = {
    "key.converter"   = "org.apache.kafka.connect.storage.StringConverter"
    "value.converter" = "org.apache.kafka.connect.storage.StringConverter"
  }
}

resource "kafkaconnect_connector" "source" {
  name = "demo-source"

  config = merge(local.lines, {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSourceConnector"
    "tasks.max"       = "1"
    "file"            = var.source_file
    "topic"           = var.topic
  })
}

resource "kafkaconnect_connector" "sink" {
  name = "demo-sink"

  config = merge(local.lines, {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSinkConnector"
    "tasks.max"       = "1"
    "topics"          = kafkaconnect_connector.source.config["topic"]
    "file"            = var.sink_file
  })
}

output "connectors" {
  description = "What runs now: connector to type."
  value = {
    for c in [kafkaconnect_connector.source, kafkaconnect_connector.sink] : c.name => c.type
  }
}

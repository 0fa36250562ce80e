terraform {
  required_providers {
    kafkaconnect = {
      source = "kafkaconnect/kafkaconnect"
    }
  }
}

variable "connect_url" {
  description = "URL of a worker's REST API."
  type        = string
  default     = "http://localhost:8083"
}

variable "source_name" {
  description = "Name of the source. Another name renames the connector, which keeps its position."
  type        = string
  default     = "orders-source"
}

provider "kafkaconnect" {
  connect = { urls = [var.connect_url] }
}

resource "kafkaconnect_connector" "source" {
  name = var.source_name

  config = {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSourceConnector"
    "file"            = "/data/orders.txt"
    "topic"           = "orders"
  }

  deletion_protection = true # does not forbid a new name
}

# Continues where a connector has stopped that something else has created.
resource "kafkaconnect_connector" "archive" {
  name         = "orders-archive"
  offsets_from = { name = "orders-archive-by-hand" }

  config = {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSinkConnector"
    "file"            = "/data/archive.txt"
    "topics"          = "orders"
  }
}

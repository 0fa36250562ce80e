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

provider "kafkaconnect" {
  connect = { urls = [var.connect_url] }
}

resource "kafkaconnect_connector" "source" {
  name = "orders-source"

  config = {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSourceConnector"
    "file"            = abspath("orders.txt")
    "topic"           = "orders"
  }
}

resource "kafkaconnect_connector" "sink" {
  name = "orders-sink"

  config = {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSinkConnector"
    "file"            = abspath("copy.txt")
    "topics"          = "orders"
  }
}

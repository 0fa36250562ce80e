terraform {
  required_providers {
    kafkaconnect = {
      source = "kafkaconnect/kafkaconnect"
    }
  }
}

variable "table" {
  type = string
}

resource "kafkaconnect_connector" "source" {
  name = "${var.table}-source"

  config = {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSourceConnector"
    "tasks.max"       = "1"
    "file"            = "/data/${var.table}.txt"
    "topic"           = var.table
  }
}

output "connector" {
  value = {
    name  = kafkaconnect_connector.source.name
    type  = kafkaconnect_connector.source.type
    state = kafkaconnect_connector.source.state
  }
}

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

variable "connector" {
  description = "Name of the connector, whether Terraform manages it or not."
  type        = string
  default     = "orders-sink"
}

provider "kafkaconnect" {
  connect = { urls = [var.connect_url] }
}

data "kafkaconnect_connector" "this" {
  name = var.connector
}

data "kafkaconnect_cluster" "this" {}

output "connector" {
  value = {
    state  = data.kafkaconnect_connector.this.state
    causes = data.kafkaconnect_connector.this.error
  }
}

output "workers" {
  value = { for worker in data.kafkaconnect_cluster.this.workers : worker.url => worker.ready ? worker.version : worker.error }
}

# Remove it when you have read the logs of the workers: this sets the level back.
resource "kafkaconnect_logger" "connect" {
  name  = "org.apache.kafka.connect.runtime.WorkerSinkTask"
  level = "DEBUG"
}

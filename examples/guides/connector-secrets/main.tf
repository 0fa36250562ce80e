terraform {
  required_version = ">= 1.11" # for config_wo

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

variable "database_password" {
  description = "Never stored by Terraform."
  type        = string
  ephemeral   = true
}

variable "api_key" {
  description = "Hidden in Terraform's output, but stored in the state."
  type        = string
  sensitive   = true
}

provider "kafkaconnect" {
  connect = { urls = [var.connect_url] }
}

resource "kafkaconnect_connector" "orders" {
  name = "orders-source"

  config = {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSourceConnector"
    "file"            = "/data/orders.txt"
    "topic"           = "$${file:/run/secrets/orders.properties:topic}" # resolved by the worker
  }

  config_wo = {
    "database.password" = var.database_password
  }

  config_sensitive = {
    "api.key" = var.api_key
  }
}

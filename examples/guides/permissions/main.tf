terraform {
  required_version = ">= 1.11" # for password_wo

  required_providers {
    kafkaconnect = {
      source = "kafkaconnect/kafkaconnect"
    }
  }
}

variable "bootstrap_servers" {
  type = list(string)
}

variable "ca_file" {
  type = string
}

variable "connect_url" {
  type    = string
  default = "http://localhost:8083"
}

variable "passwords" {
  description = "Passwords of the users terraform and connect."
  type        = map(string)
  ephemeral   = true
}

provider "kafkaconnect" {
  kafka = {
    bootstrap_servers = var.bootstrap_servers
    sasl              = { mechanism = "SCRAM-SHA-512", username = "terraform", password = var.passwords["terraform"] }
    tls               = { ca_file = var.ca_file }
  }
  connect = { urls = [var.connect_url] }
}

resource "kafkaconnect_internal_topic" "this" {
  for_each = { offset = 25, config = 1, status = 5 }

  role       = each.key
  name       = "connect-${each.key}"
  group_id   = "connect"
  partitions = each.value
}

resource "kafkaconnect_worker_config" "this" {
  group_id             = "connect"
  offset_storage_topic = kafkaconnect_internal_topic.this["offset"].name
  config_storage_topic = kafkaconnect_internal_topic.this["config"].name
  status_storage_topic = kafkaconnect_internal_topic.this["status"].name
  key_converter        = "org.apache.kafka.connect.storage.StringConverter"
  value_converter      = "org.apache.kafka.connect.storage.StringConverter"
  listeners            = [var.connect_url]

  security = {
    protocol   = "SASL_SSL"
    truststore = { type = "PEM", location = var.ca_file }
    sasl = {
      mechanism   = "SCRAM-SHA-512"
      username    = "connect"
      password_wo = var.passwords["connect"]
    }
  }

  path = "${path.module}/worker.properties"
}

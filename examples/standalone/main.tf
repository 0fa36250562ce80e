# A stand-alone worker: one process, without a group and without internal topics.

terraform {
  required_version = ">= 1.11" # for password_wo

  required_providers {
    kafkaconnect = {
      source = "kafkaconnect/kafkaconnect"
    }
  }
}

provider "kafkaconnect" {}

resource "kafkaconnect_standalone_worker_config" "this" {
  bootstrap_servers            = var.bootstrap_servers
  offset_storage_file_filename = var.offsets_file
  key_converter                = "org.apache.kafka.connect.json.JsonConverter"
  value_converter              = "org.apache.kafka.connect.json.JsonConverter"
  listeners                    = [var.listener]

  security = {
    protocol     = "SASL_SSL"
    ssl_protocol = "TLSv1.2"
    truststore   = { type = "PEM", location = var.ca_file }
    sasl = {
      mechanism   = var.mechanism
      username    = var.username
      password_wo = var.password # only in the file
    }
  }

  config = {
    "plugin.discovery" = "service_load" # workers of 3.6 and later start faster with it
  }

  path = "${path.module}/worker.properties"
}

output "worker_file" {
  description = "What the worker is to be started with."
  value       = kafkaconnect_standalone_worker_config.this.path
}

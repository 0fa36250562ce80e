# A standalone worker: a single process without a group and without storage topics.

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
      password_wo = var.password # written to the file, never to the state
    }
  }

  config = {
    "plugin.discovery" = "service_load" # faster start, workers 3.6 and later
  }

  path = "${path.module}/worker.properties"
}

output "worker_file" {
  description = "Properties file to start the worker with."
  value       = kafkaconnect_standalone_worker_config.this.path
}

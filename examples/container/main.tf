# A worker in a container, configured by environment variables. The worker resolves the placeholder of the password.

terraform {
  required_providers {
    kafkaconnect = {
      source = "kafkaconnect/kafkaconnect"
    }
  }
}

provider "kafkaconnect" {}

resource "kafkaconnect_worker_config" "this" {
  group_id             = var.group_id
  bootstrap_servers    = var.bootstrap_servers
  offset_storage_topic = "${var.group_id}-offset"
  config_storage_topic = "${var.group_id}-config"
  status_storage_topic = "${var.group_id}-status"
  key_converter        = "org.apache.kafka.connect.json.JsonConverter"
  value_converter      = "org.apache.kafka.connect.json.JsonConverter"
  listeners            = [var.listener]

  # The first worker creates the storage topics, here with the brokers' default replication factor.
  offset_storage_replication_factor = -1
  config_storage_replication_factor = -1
  status_storage_replication_factor = -1

  security = {
    protocol     = "SASL_SSL"
    ssl_protocol = "TLSv1.2"
    truststore   = { type = "PEM", location = var.ca_file }
    sasl = {
      mechanism = var.mechanism
      username  = var.username
      # The secret file must escape each " and \ of the password with a \, because the worker parses the result as JAAS.
      password = "$${file:${var.password_file}:password}"
    }
  }

  config = {
    "plugin.discovery" = "service_load" # faster start, workers 3.6 and later
  }
}

output "environment" {
  description = "Environment variables of the container. They contain the placeholder, not the password."
  value       = nonsensitive(kafkaconnect_worker_config.this.environment)
}

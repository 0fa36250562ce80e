# A worker in a container, configured by its environment. Its password is a placeholder that the worker itself resolves.

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

  # The first worker creates the topics here: as many replicas as the brokers have by default.
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
      # The worker inserts what it finds before it reads the login: every " and \ of the password has to be escaped by a \ there.
      password = "$${file:${var.password_file}:password}"
    }
  }

  config = {
    "plugin.discovery" = "service_load" # workers of 3.6 and later start faster with it
  }
}

output "environment" {
  description = "Variables for the container. They hold no secret, only a placeholder."
  value       = nonsensitive(kafkaconnect_worker_config.this.environment)
}

# A group of distributed workers on a cluster that requires TLS and SASL.

terraform {
  required_version = ">= 1.11" # for password_wo

  required_providers {
    kafkaconnect = {
      source = "kafkaconnect/kafkaconnect"
    }
  }
}

provider "kafkaconnect" {
  kafka = {
    bootstrap_servers = var.bootstrap_servers
    sasl              = { mechanism = var.mechanism, username = var.username, password = var.password }
    tls               = { ca_file = var.ca_file }
  }
}

# The group's storage topics, created with the settings that workers require before the first worker starts.
resource "kafkaconnect_internal_topic" "this" {
  for_each = toset(["offset", "config", "status"])

  role                = each.key
  name                = "${var.group_id}-${each.key}"
  group_id            = var.group_id
  deletion_protection = false # this is an example
}

resource "kafkaconnect_worker_config" "this" {
  group_id             = var.group_id # bootstrap_servers default to the provider's
  offset_storage_topic = kafkaconnect_internal_topic.this["offset"].name
  config_storage_topic = kafkaconnect_internal_topic.this["config"].name
  status_storage_topic = kafkaconnect_internal_topic.this["status"].name
  key_converter        = "org.apache.kafka.connect.json.JsonConverter"
  value_converter      = "org.apache.kafka.connect.json.JsonConverter"
  listeners            = [var.listener]

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
  description = "Properties file to start the workers with."
  value       = kafkaconnect_worker_config.this.path
}

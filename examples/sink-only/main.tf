# Distributed workers that run sinks only: of the clients of connectors, consumers alone get security.

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

# The memory of the group, in the shape that workers want, before a worker can create it in another one.
resource "kafkaconnect_internal_topic" "this" {
  for_each = toset(["offset", "config", "status"])

  role                = each.key
  name                = "${var.group_id}-${each.key}"
  group_id            = var.group_id
  deletion_protection = false # this is an example
}

resource "kafkaconnect_worker_config" "this" {
  group_id             = var.group_id # bootstrap_servers are those of the provider
  offset_storage_topic = kafkaconnect_internal_topic.this["offset"].name
  config_storage_topic = kafkaconnect_internal_topic.this["config"].name
  status_storage_topic = kafkaconnect_internal_topic.this["status"].name
  key_converter        = "org.apache.kafka.connect.json.JsonConverter"
  value_converter      = "org.apache.kafka.connect.json.JsonConverter"
  listeners            = [var.listener]
  client_prefixes      = ["consumer"] # add producer and admin for dead letter queues

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
  value       = kafkaconnect_worker_config.this.path
}

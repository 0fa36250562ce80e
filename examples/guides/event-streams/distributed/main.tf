terraform {
  required_version = ">= 1.11" # for password_wo

  required_providers {
    kafkaconnect = {
      source = "kafkaconnect/kafkaconnect"
    }
  }
}

variable "bootstrap_servers" {
  description = "kafka_brokers_sasl of the service credentials."
  type        = list(string)
}

variable "api_key" {
  description = "api_key of the service credentials. Terraform does not store it."
  type        = string
  ephemeral   = true
}

variable "ca_file" {
  description = "PEM file with the CA of the brokers. Leave it out for Event Streams on IBM Cloud, whose CA is public."
  type        = string
  default     = null
}

variable "connect_url" {
  description = "URL of the worker's REST API."
  type        = string
  default     = "http://localhost:8083"
}

variable "client_prefixes" {
  description = "Only producer and admin for workers with sources only; only consumer for workers with sinks only."
  type        = set(string)
  default     = ["producer", "consumer", "admin"]
}

provider "kafkaconnect" {
  kafka = {
    bootstrap_servers = var.bootstrap_servers
    sasl              = { mechanism = "PLAIN", username = "token", password = var.api_key }
    tls               = { ca_file = var.ca_file }
  }
}

# Event Streams limits or charges partitions. A few connectors need one of each. The numbers can be increased later.
resource "kafkaconnect_internal_topic" "this" {
  for_each = { offset = 1, config = 1, status = 1 } # defaults: 25, 1 and 5

  role       = each.key
  name       = "connect-${each.key}"
  group_id   = "connect"
  partitions = each.value
}

resource "kafkaconnect_worker_config" "this" {
  group_id             = "connect" # bootstrap_servers default to the provider's
  offset_storage_topic = kafkaconnect_internal_topic.this["offset"].name
  config_storage_topic = kafkaconnect_internal_topic.this["config"].name
  status_storage_topic = kafkaconnect_internal_topic.this["status"].name
  key_converter        = "org.apache.kafka.connect.storage.StringConverter"
  value_converter      = "org.apache.kafka.connect.storage.StringConverter"
  listeners            = [var.connect_url]
  client_prefixes      = var.client_prefixes

  security = {
    protocol     = "SASL_SSL"
    ssl_protocol = "TLSv1.2"
    truststore   = var.ca_file == null ? null : { type = "PEM", location = var.ca_file }
    sasl = {
      mechanism   = "PLAIN"
      username    = "token" # literally: the API key is the password
      password_wo = var.api_key
    }
  }

  plugin_path = [for jar in fileset(path.module, "kafka/libs/connect-file-*.jar") : abspath(jar)] # the folders of your connectors
  config      = { "offset.flush.interval.ms" = "1000" }                                           # the sink writes its file every second
  path        = "${path.module}/worker.properties"
}

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

provider "kafkaconnect" {}

resource "kafkaconnect_standalone_worker_config" "this" {
  bootstrap_servers            = var.bootstrap_servers
  offset_storage_file_filename = "connect.offsets" # keep this file: it is where sources continue
  key_converter                = "org.apache.kafka.connect.storage.StringConverter"
  value_converter              = "org.apache.kafka.connect.storage.StringConverter"
  listeners                    = [var.connect_url]

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

# A stand-alone worker reads its connectors from files when it starts.
output "source" {
  value = provider::kafkaconnect::properties_encode({
    "name"            = "orders-source"
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSourceConnector"
    "file"            = abspath("orders.txt")
    "topic"           = "orders"
  })
}

output "sink" {
  value = provider::kafkaconnect::properties_encode({
    "name"            = "orders-sink"
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSinkConnector"
    "file"            = abspath("copy.txt")
    "topics"          = "orders"
  })
}

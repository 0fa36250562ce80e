# From a bare Kafka cluster that wants TLS and a password to a running pipeline: the topics in which workers keep their memory,
# the file that a worker starts from, the worker, and two connectors by which lines of one file come out at the end of
# another one.

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
    sasl              = { mechanism = "SCRAM-SHA-512", username = var.username, password = var.password }
    tls               = { ca_file = var.ca_file }
  }
  connect = { urls = [var.connect_url] } # nobody listens there until the worker is up
}

resource "kafkaconnect_internal_topic" "this" {
  for_each = toset(["offset", "config", "status"])

  role                = each.key
  name                = "${var.group_id}-${each.key}"
  group_id            = var.group_id
  deletion_protection = false # this is a demo
}

resource "kafkaconnect_worker_config" "this" {
  group_id             = var.group_id
  offset_storage_topic = kafkaconnect_internal_topic.this["offset"].name
  config_storage_topic = kafkaconnect_internal_topic.this["config"].name
  status_storage_topic = kafkaconnect_internal_topic.this["status"].name
  key_converter        = "org.apache.kafka.connect.storage.StringConverter" # lines travel as they are
  value_converter      = "org.apache.kafka.connect.storage.StringConverter"
  listeners            = [var.connect_url]

  security = {
    protocol   = "SASL_SSL"
    truststore = { type = "PEM", location = var.ca_file }
    sasl = {
      mechanism   = "SCRAM-SHA-512"
      username    = var.username
      password_wo = var.password # only in the file, never in the state
    }
  }

  config = {
    "offset.flush.interval.ms" = "1000"         # how often sinks write their files
    "plugin.discovery"         = "service_load" # starts faster
  }

  path = "${path.module}/worker.properties"
}

# This stands for your own way to start workers: an init system, a container platform.
resource "terraform_data" "worker" {
  triggers_replace = kafkaconnect_worker_config.this.revision
  input            = { stop = var.stop_worker }

  provisioner "local-exec" {
    command = "${var.start_worker} '${abspath(kafkaconnect_worker_config.this.path)}'"
  }

  provisioner "local-exec" {
    when    = destroy
    command = self.input.stop
  }
}

resource "kafkaconnect_connector" "source" {
  name = "demo-source"

  config = {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSourceConnector"
    "tasks.max"       = "1"
    "file"            = var.source_file
    "topic"           = var.topic
  }

  depends_on = [terraform_data.worker]
}

resource "kafkaconnect_connector" "sink" {
  name = "demo-sink"

  config = {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSinkConnector"
    "tasks.max"       = "1"
    "topics"          = kafkaconnect_connector.source.config["topic"]
    "file"            = var.sink_file
  }
}

output "connectors" {
  description = "What runs now: connector to type."
  value = {
    for c in [kafkaconnect_connector.source, kafkaconnect_connector.sink] : c.name => c.type
  }
}

# From a bare Kafka cluster that requires TLS and a password to a running pipeline: the storage topics, the properties file
# of the worker, the worker, and two connectors that copy lines from one file to another.

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
  connect = { urls = [var.connect_url] } # no worker listens there before the first apply
}

resource "kafkaconnect_internal_topic" "this" {
  for_each = { offset = var.offset_partitions, config = 1, status = 5 }

  role                = each.key
  name                = "${var.group_id}-${each.key}"
  partitions          = each.value
  group_id            = var.group_id
  deletion_protection = false # this is a demo
}

resource "kafkaconnect_worker_config" "this" {
  group_id             = var.group_id
  offset_storage_topic = kafkaconnect_internal_topic.this["offset"].name
  config_storage_topic = kafkaconnect_internal_topic.this["config"].name
  status_storage_topic = kafkaconnect_internal_topic.this["status"].name
  key_converter        = "org.apache.kafka.connect.storage.StringConverter" # lines are plain text
  value_converter      = "org.apache.kafka.connect.storage.StringConverter"
  listeners            = [var.connect_url]

  security = {
    protocol   = "SASL_SSL"
    truststore = { type = "PEM", location = var.ca_file }
    sasl = {
      mechanism   = "SCRAM-SHA-512"
      username    = var.username
      password_wo = var.password # written to the file, never to the state
    }
  }

  config = {
    "offset.flush.interval.ms" = "1000"         # how often a sink flushes its file
    "plugin.discovery"         = "service_load" # faster start
  }

  path              = "${path.module}/worker.properties"
  announce_revision = true # the worker tells which file it runs
}

# Replace this by your init system or container platform. A change of the partitions of a topic stops the worker before the
# topic is changed, and starts it afterwards.
resource "terraform_data" "worker" {
  triggers_replace = {
    revision   = kafkaconnect_worker_config.this.revision
    partitions = { for role, topic in kafkaconnect_internal_topic.this : role => topic.partitions }
  }
  input = { stop = var.stop_worker }

  provisioner "local-exec" {
    command = "${var.start_worker} '${abspath(kafkaconnect_worker_config.this.path)}'"
  }

  provisioner "local-exec" {
    when    = destroy
    command = self.input.stop
  }
}

# Waits until the worker is ready, and checks that it runs the file above. With Terraform 1.14 and later, the action
# kafkaconnect_await_workers waits for all workers of a group.
data "kafkaconnect_cluster" "this" {
  timeouts = { read = "2m" } # the worker has just been started

  lifecycle {
    postcondition {
      condition = alltrue([
        for worker in self.workers : worker.ready && worker.config_revision == kafkaconnect_worker_config.this.content_sha256
      ])
      error_message = "The worker does not run ${kafkaconnect_worker_config.this.path}: ${jsonencode(self.workers)}"
    }
  }

  depends_on = [terraform_data.worker]
}

resource "kafkaconnect_connector" "source" {
  name = "demo-source"

  config = {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSourceConnector"
    "tasks.max"       = "1"
    "file"            = var.source_file
    "topic"           = var.topic
  }

  depends_on = [data.kafkaconnect_cluster.this]
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
  description = "Type of each running connector."
  value = {
    for c in [kafkaconnect_connector.source, kafkaconnect_connector.sink] : c.name => c.type
  }
}

output "worker" {
  description = "What the worker tells about itself."
  value       = one(data.kafkaconnect_cluster.this.workers)
}

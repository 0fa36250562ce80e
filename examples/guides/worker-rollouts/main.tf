terraform {
  required_version = ">= 1.14" # for actions

  required_providers {
    kafkaconnect = {
      source = "kafkaconnect/kafkaconnect"
    }
  }
}

provider "kafkaconnect" {
  connect = { urls = values(var.workers) }
  kafka   = { bootstrap_servers = var.bootstrap_servers }
}

resource "kafkaconnect_worker_config" "this" {
  group_id                          = var.group_id
  offset_storage_topic              = "${var.group_id}-offset"
  config_storage_topic              = "${var.group_id}-config"
  status_storage_topic              = "${var.group_id}-status"
  offset_storage_replication_factor = -1 # the broker's default
  config_storage_replication_factor = -1
  status_storage_replication_factor = -1
  key_converter                     = "org.apache.kafka.connect.storage.StringConverter"
  value_converter                   = "org.apache.kafka.connect.storage.StringConverter"
  announce_revision                 = true

  config = {
    "offset.flush.interval.ms"         = var.offset_flush_interval
    "scheduled.rebalance.max.delay.ms" = var.rebalance_delay
  }

  workers = {
    for name, url in var.workers : name => {
      listeners = [url]
      path      = "${path.module}/${name}.properties"
    }
  }
}

# Restarts the workers one after the other when their files have changed, also if only a secret has changed.
resource "terraform_data" "restart" {
  triggers_replace = kafkaconnect_worker_config.this.revision

  provisioner "local-exec" {
    command = join(" && ", [for name in keys(var.workers) : "${var.restart_worker} ${name}"])
  }

  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.kafkaconnect_await_workers.this]
    }
  }
}

action "kafkaconnect_await_workers" "this" {
  config {
    revisions = [for worker in kafkaconnect_worker_config.this.workers : worker.content_sha256]
    timeouts  = { invoke = var.timeout }
  }
}

locals {
  roles = {
    offset = var.offset_partitions
    config = 1
    status = var.status_partitions
  }
  security = var.security == null ? null : merge(var.security, {
    sasl = var.security.sasl == null ? null : merge(var.security.sasl, { password_wo = var.sasl_password })
  })
  revisions = [for worker in kafkaconnect_worker_config.this.workers : worker.content_sha256]
}

resource "kafkaconnect_internal_topic" "this" {
  for_each = local.roles

  cluster             = var.cluster
  role                = each.key
  name                = "${coalesce(var.topic_prefix, var.group_id)}-${each.key}"
  group_id            = var.group_id
  partitions          = each.value
  replication_factor  = var.replication_factor
  config              = var.topic_config
  deletion_protection = var.deletion_protection
}

resource "kafkaconnect_worker_config" "this" {
  cluster              = var.cluster
  group_id             = var.group_id
  offset_storage_topic = kafkaconnect_internal_topic.this["offset"].name
  config_storage_topic = kafkaconnect_internal_topic.this["config"].name
  status_storage_topic = kafkaconnect_internal_topic.this["status"].name
  key_converter        = var.key_converter
  value_converter      = var.value_converter
  plugin_path          = var.plugin_path
  security             = local.security
  config               = var.config
  announce_revision    = true # for the check of the workers
  workers              = var.workers
}

module "health" {
  source = "./health"
  count  = var.health_checks ? 1 : 0

  cluster   = var.cluster
  revisions = local.revisions
}

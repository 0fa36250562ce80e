terraform {
  required_providers {
    kafkaconnect = {
      source = "kafkaconnect/kafkaconnect"
    }
  }
}

variable "bootstrap_servers" {
  type    = list(string)
  default = ["localhost:9092"]
}

variable "connect_url" {
  description = "URL of the worker's REST API."
  type        = string
  default     = "http://localhost:8083"
}

variable "group_id" {
  type    = string
  default = "orders-connect"
}

variable "partitions" {
  description = "Number of partitions of each internal topic. That of the config topic must be 1."
  type        = map(number)
  default     = { offset = 25, config = 1, status = 5 }
}

variable "replication_factor" {
  description = "Number of replicas. By default the brokers choose it for new topics, and existing topics keep it."
  type        = number
  default     = null
}

variable "start_worker" {
  type    = string
  default = "systemctl start kafka-connect"
}

variable "stop_worker" {
  description = "It has to wait until the worker has ended."
  type        = string
  default     = "systemctl stop kafka-connect"
}

provider "kafkaconnect" {
  kafka   = { bootstrap_servers = var.bootstrap_servers }
  connect = { urls = [var.connect_url] }
}

resource "kafkaconnect_internal_topic" "this" {
  for_each = var.partitions

  role                = each.key
  name                = "${var.group_id}-${each.key}"
  group_id            = var.group_id
  partitions          = each.value
  replication_factor  = var.replication_factor
  deletion_protection = false # needed to reduce partitions
}

resource "kafkaconnect_worker_config" "this" {
  group_id             = var.group_id
  offset_storage_topic = kafkaconnect_internal_topic.this["offset"].name
  config_storage_topic = kafkaconnect_internal_topic.this["config"].name
  status_storage_topic = kafkaconnect_internal_topic.this["status"].name
  key_converter        = "org.apache.kafka.connect.json.JsonConverter"
  value_converter      = "org.apache.kafka.connect.json.JsonConverter"
  listeners            = [var.connect_url]
  path                 = "${path.module}/worker.properties"
}

# Terraform destroys a replaced resource before it changes what the resource depends on, and creates it again afterwards. So a
# changed number of partitions stops the worker, changes the topic, and starts the worker.
resource "terraform_data" "worker" {
  triggers_replace = {
    revision   = kafkaconnect_worker_config.this.revision
    partitions = { for role, topic in kafkaconnect_internal_topic.this : role => topic.partitions }
  }
  input = var.stop_worker

  provisioner "local-exec" {
    command = var.start_worker
  }
  provisioner "local-exec" {
    when    = destroy
    command = self.input
  }
}

resource "kafkaconnect_connector" "orders" {
  name = "orders-source"

  config = {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSourceConnector"
    "file"            = "/data/orders.txt"
    "topic"           = "orders"
  }

  depends_on = [terraform_data.worker]
}

# From brokers without topics to a running source connector, with workers that create no topic.

terraform {
  required_providers {
    kafkaconnect = {
      source = "kafkaconnect/kafkaconnect"
    }
  }
}

provider "kafkaconnect" {
  kafka   = { bootstrap_servers = var.bootstrap_servers }
  connect = { urls = [var.connect_url] } # no worker listens there before the first apply
}

resource "kafkaconnect_internal_topic" "this" {
  for_each = toset(["offset", "config", "status"])

  role                = each.key
  name                = "${var.group_id}-${each.key}"
  group_id            = var.group_id
  deletion_protection = false # this is an example
}

resource "kafkaconnect_worker_config" "this" {
  group_id                = var.group_id
  offset_storage_topic    = kafkaconnect_internal_topic.this["offset"].name
  config_storage_topic    = kafkaconnect_internal_topic.this["config"].name
  status_storage_topic    = kafkaconnect_internal_topic.this["status"].name
  internal_topic_creation = false # Kafka 4.4 and later
  key_converter           = "org.apache.kafka.connect.storage.StringConverter"
  value_converter         = "org.apache.kafka.connect.storage.StringConverter"
  listeners               = [var.connect_url]

  path = "${path.module}/worker.properties"
}

# The own offsets topic of a connector. The plan of the connector does not check that it exists.
resource "kafkaconnect_internal_topic" "source_offsets" {
  role                = "offset"
  name                = "${var.group_id}-source-offsets"
  group_id            = var.group_id
  connectors          = ["source"]
  partitions          = 1
  deletion_protection = false # this is an example
}

# The apply waits until a worker has started with the file above.
resource "kafkaconnect_connector" "source" {
  name = "source"

  config = {
    "connector.class"       = "org.apache.kafka.connect.file.FileStreamSourceConnector"
    "tasks.max"             = "1"
    "file"                  = var.source_file
    "topic"                 = var.topic
    "offsets.storage.topic" = kafkaconnect_internal_topic.source_offsets.name
  }

  depends_on = [kafkaconnect_worker_config.this]
}

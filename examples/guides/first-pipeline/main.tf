terraform {
  required_providers {
    kafkaconnect = { source = "kafkaconnect/kafkaconnect" }
  }
}

provider "kafkaconnect" {
  kafka   = { bootstrap_servers = ["localhost:9092"] }
  connect = { urls = ["http://localhost:8083"] }
}

resource "kafkaconnect_internal_topic" "this" {
  for_each            = toset(["offset", "config", "status"]) # 25, 1 and 5 partitions by default
  role                = each.key
  name                = "connect-${each.key}"
  group_id            = "connect"
  deletion_protection = false # so that "terraform destroy" removes this example
}

resource "kafkaconnect_worker_config" "this" {
  group_id             = "connect"
  offset_storage_topic = kafkaconnect_internal_topic.this["offset"].name
  config_storage_topic = kafkaconnect_internal_topic.this["config"].name
  status_storage_topic = kafkaconnect_internal_topic.this["status"].name
  key_converter        = "org.apache.kafka.connect.storage.StringConverter"
  value_converter      = "org.apache.kafka.connect.storage.StringConverter"
  listeners            = ["http://localhost:8083"]
  plugin_path          = [for jar in fileset(path.module, "kafka/libs/connect-file-*.jar") : abspath(jar)]
  config               = { "offset.flush.interval.ms" = "1000" } # sinks write every second
  path                 = "worker.properties"
}

resource "terraform_data" "worker" { # in production: systemd, a container platform
  triggers_replace = kafkaconnect_worker_config.this.revision

  provisioner "local-exec" {
    command = "kafka/bin/connect-distributed.sh worker.properties >worker.log 2>&1 & echo $! >worker.pid"
  }
  provisioner "local-exec" {
    when    = destroy
    command = "kill $(cat worker.pid); while kill -0 $(cat worker.pid) 2>/dev/null; do sleep 0.2; done"
  }
}

resource "kafkaconnect_connector" "source" {
  name = "orders-source"
  config = {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSourceConnector"
    "file"            = abspath("orders.txt")
    "topic"           = "orders"
  }
  depends_on = [terraform_data.worker]
}

resource "kafkaconnect_connector" "sink" {
  name = "orders-sink"
  config = {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSinkConnector"
    "file"            = abspath("copy.txt")
    "topics"          = kafkaconnect_connector.source.config["topic"]
  }
}

terraform {
  required_providers {
    kafkaconnect = {
      source = "kafkaconnect/kafkaconnect"
    }
    # Terraform needs these two until the state has moved.
    kafka-connect = {
      source = "Mongey/kafka-connect"
    }
    kafka = {
      source = "Mongey/kafka"
    }
  }
}

provider "kafkaconnect" {
  connect = { urls = ["http://localhost:8083"] }       # was url of kafka-connect
  kafka   = { bootstrap_servers = ["localhost:9092"] } # the same as of kafka
}

resource "kafkaconnect_connector" "orders" { # was kafka-connect_connector
  name = "orders-source"

  config = {
    "name"            = "orders-source" # as before; a later update may remove this line
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSourceConnector"
    "tasks.max"       = "1"
    "file"            = "/data/orders.txt"
    "topic"           = "orders"
  }

  config_sensitive = {
    "batch.size" = "7"
  }
}

moved {
  from = kafka-connect_connector.orders
  to   = kafkaconnect_connector.orders
}

resource "kafkaconnect_internal_topic" "offset" { # was kafka_topic
  role                = "offset"
  name                = "connect-offset"
  group_id            = "connect"
  partitions          = 25
  replication_factor  = 1
  config              = { "segment.bytes" = "1048576" } # without cleanup.policy, which is always compact
  deletion_protection = false                           # remove this line in production
}

moved {
  from = kafka_topic.connect_offset
  to   = kafkaconnect_internal_topic.offset
}

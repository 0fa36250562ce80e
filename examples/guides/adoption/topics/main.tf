terraform {
  required_providers {
    kafkaconnect = { source = "kafkaconnect/kafkaconnect" }
  }
}

provider "kafkaconnect" {
  kafka = { bootstrap_servers = ["kafka:9092"] }
}

import {
  to = kafkaconnect_internal_topic.offset
  id = "offset/connect-cluster-offsets"
}

import {
  to = kafkaconnect_internal_topic.config
  id = "config/connect-cluster-configs"
}

import {
  to = kafkaconnect_internal_topic.status
  id = "status/connect-cluster-status"
}

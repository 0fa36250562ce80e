terraform {
  required_version = ">= 1.14"
  required_providers {
    kafkaconnect = {
      source = "kafkaconnect/kafkaconnect"
    }
  }
}

provider "kafkaconnect" {} # KAFKA_CONNECT_URL

data "kafkaconnect_connectors" "failed" {
  healthy = false
}

# All connectors of the cluster that are not healthy, whatever manages them, except one for which a person decides.
action "kafkaconnect_restart_connector" "failed" {
  for_each = toset([for name, connector in data.kafkaconnect_connectors.failed.connectors : name if name != "payments-sink"])

  config {
    name        = each.key
    only_failed = true
  }
}

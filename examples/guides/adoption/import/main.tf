terraform {
  required_providers {
    kafkaconnect = { source = "kafkaconnect/kafkaconnect" }
  }
}

provider "kafkaconnect" {
  connect = { urls = ["http://connect:8083"] }
}

locals {
  connectors = yamldecode(file("${path.module}/connectors.yaml"))
}

import {
  for_each = local.connectors
  to       = kafkaconnect_connector.all[each.key]
  id       = each.key
}

resource "kafkaconnect_connector" "all" {
  for_each = local.connectors

  name                = each.key
  config              = each.value.config
  ignored_config_keys = each.value.ignored_config_keys
  state               = each.value.state
  on_failure          = each.value.on_failure
}

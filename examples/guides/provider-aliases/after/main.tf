terraform {
  required_providers {
    kafkaconnect = {
      source = "kafkaconnect/kafkaconnect"
    }
  }
}

provider "kafkaconnect" {
  clusters = {
    emea = { connect = { urls = ["http://worker-0.emea:8083"] } }
  }
}

# Terraform needs this block until the object has left the state.
provider "kafkaconnect" {
  alias   = "emea"
  connect = { urls = ["http://worker-0.emea:8083"] }
}

resource "kafkaconnect_connector" "emea_orders" { # was "orders"
  cluster = "emea"                                # was provider = kafkaconnect.emea
  name    = "orders-source"

  config = {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSourceConnector"
    "file"            = "/data/orders.txt"
    "topic"           = "orders"
  }
}

removed {
  from = kafkaconnect_connector.orders
  lifecycle {
    destroy = false
  }
}

import {
  to = kafkaconnect_connector.emea_orders
  id = "emea/orders-source"
}

terraform {
  required_providers {
    kafkaconnect = {
      source = "kafkaconnect/kafkaconnect"
    }
  }
}

provider "kafkaconnect" {
  alias   = "emea"
  connect = { urls = ["http://worker-0.emea:8083"] }
}

resource "kafkaconnect_connector" "orders" {
  provider = kafkaconnect.emea
  name     = "orders-source"

  config = {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSourceConnector"
    "file"            = "/data/orders.txt"
    "topic"           = "orders"
  }
}

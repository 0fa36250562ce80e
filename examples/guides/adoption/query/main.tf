terraform {
  required_version = ">= 1.14"
  required_providers {
    kafkaconnect = { source = "kafkaconnect/kafkaconnect" }
  }
}

provider "kafkaconnect" {
  connect = { urls = ["http://connect:8083"] }
  kafka   = { bootstrap_servers = ["kafka:9092"] }
}

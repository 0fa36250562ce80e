# A group of distributed workers: its three topics, the files of its workers and health checks.

terraform {
  required_version = ">= 1.11"

  required_providers {
    kafkaconnect = {
      source = "kafkaconnect/kafkaconnect"
    }
  }
}

provider "kafkaconnect" {
  kafka = {
    bootstrap_servers = var.bootstrap_servers
    sasl              = { mechanism = "PLAIN", username = var.username, password = var.password }
    tls               = { ca_file = var.ca_file }
  }
  connect = { urls = var.urls }
}

module "orders" {
  source = "../../../modules/connect-group"

  group_id = var.group_id
  workers = {
    for i, url in var.urls : "worker-${i}" => { listeners = [url], path = "${path.root}/worker-${i}.properties" }
  }
  security            = { protocol = "SASL_SSL", truststore = { type = "PEM", location = var.ca_file }, sasl = { mechanism = "PLAIN", username = var.username } }
  sasl_password       = var.password
  deletion_protection = false # this is an example
}

output "files" {
  value = module.orders.files
}

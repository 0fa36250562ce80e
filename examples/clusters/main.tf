terraform {
  required_providers {
    kafkaconnect = {
      source = "kafkaconnect/kafkaconnect"
    }
  }
}

variable "fleet" {
  description = "YAML file with the clusters and their connectors."
  type        = string
  default     = "fleet.yaml"
}

variable "passwords" {
  description = "Password of the user terraform, by cluster. A cluster without one has no authentication."
  type        = map(string)
  default     = {}
  sensitive   = true
}

locals {
  clusters = yamldecode(file(var.fleet)).clusters

  # "emea/orders-source" = { cluster = "emea", name = "orders-source", config = { … } }
  connectors = merge([
    for cluster, settings in local.clusters : {
      for name, config in settings.connectors : "${cluster}/${name}" => { cluster = cluster, name = name, config = config }
    }
  ]...)
}

provider "kafkaconnect" {
  clusters = {
    for cluster, settings in local.clusters : cluster => {
      connect = {
        urls     = settings.urls
        username = contains(keys(var.passwords), cluster) ? "terraform" : null
        password = lookup(var.passwords, cluster, null)
      }
      kafka = {
        bootstrap_servers = settings.bootstrap_servers
      }
    }
  }
}

resource "kafkaconnect_connector" "fleet" {
  for_each = local.connectors

  cluster = each.value.cluster
  name    = each.value.name
  config  = each.value.config
}

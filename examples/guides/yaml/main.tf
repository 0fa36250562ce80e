terraform {
  required_version = ">= 1.11" # for config_wo

  required_providers {
    kafkaconnect = {
      source = "kafkaconnect/kafkaconnect"
    }
  }
}

variable "connect_url" {
  description = "URL of a worker's REST API."
  type        = string
  default     = "http://localhost:8083"
}

variable "secrets" {
  description = "Secret keys and their values, by connector."
  type        = map(map(string))
  default     = {}
  ephemeral   = true
}

provider "kafkaconnect" {
  connect = { urls = [var.connect_url] }
}

locals {
  # "orders-source" = { config = { … }, state = "RUNNING" }
  connectors = {
    for file in fileset(path.module, "connectors/*.yaml") :
    trimsuffix(basename(file), ".yaml") => yamldecode(file("${path.module}/${file}"))
  }
}

resource "kafkaconnect_connector" "this" {
  for_each = local.connectors

  name  = each.key
  state = try(each.value.state, "RUNNING")

  config    = { for key, value in each.value.config : key => tostring(value) }
  config_wo = lookup(var.secrets, each.key, null)
}

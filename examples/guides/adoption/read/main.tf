terraform {
  required_providers {
    kafkaconnect = { source = "kafkaconnect/kafkaconnect" }
  }
}

provider "kafkaconnect" {
  connect = { urls = ["http://connect:8083"] }
}

data "kafkaconnect_connectors" "all" {}

data "kafkaconnect_connector" "all" {
  for_each = data.kafkaconnect_connectors.all.connectors
  name     = each.key
}

output "connectors" {
  description = "The connectors as an import stores them, in YAML. It has no secrets."
  value = yamlencode({ for name, found in data.kafkaconnect_connector.all : name => {
    config              = found.config
    ignored_config_keys = found.ignored_config_keys
    # The target state of a connector that has failed is not known. A paused task tells that it is PAUSED.
    state = (contains(["RUNNING", "PAUSED", "STOPPED"], found.state) ? found.state :
    contains(found.tasks[*].state, "PAUSED") ? "PAUSED" : "RUNNING")
    # An import restarts nothing.
    on_failure = found.error == null ? "restart" : "warn"
  } })
}

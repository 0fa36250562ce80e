# Terraform runs the checks at the end of each plan and apply. A failed check is a warning. It is also a warning that no worker
# answers, because the data sources are in the checks.

check "workers" {
  data "kafkaconnect_cluster" "this" {
    cluster = var.cluster
  }

  assert {
    condition     = alltrue([for worker in data.kafkaconnect_cluster.this.workers : worker.ready])
    error_message = join("\n", [for worker in data.kafkaconnect_cluster.this.workers : "${worker.url}: ${worker.error}" if !worker.ready])
  }

  assert {
    condition = alltrue([
      for worker in data.kafkaconnect_cluster.this.workers : try(contains(var.revisions, worker.config_revision), false) if worker.ready # null: no revision is announced
    ])
    error_message = join("\n", concat(["These workers do not run their file. Restart them:"], [
      for worker in data.kafkaconnect_cluster.this.workers : worker.url if worker.ready && !try(contains(var.revisions, worker.config_revision), false)
    ]))
  }
}

check "connectors" {
  data "kafkaconnect_connectors" "unhealthy" {
    cluster = var.cluster
    healthy = false
  }

  assert {
    condition = length(data.kafkaconnect_connectors.unhealthy.connectors) == 0
    error_message = join("\n", concat(["These connectors are not healthy:"], [
      for name, connector in data.kafkaconnect_connectors.unhealthy.connectors :
      "${name} (${connector.state}): ${connector.error == null ? "no part is FAILED" : connector.error}"
    ]))
  }
}

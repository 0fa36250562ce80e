data "kafkaconnect_cluster" "this" {}

# Terraform warns in each plan and apply if a worker is down, starting or rebalancing.
check "workers" {
  assert {
    condition = alltrue([for worker in data.kafkaconnect_cluster.this.workers : worker.ready])
    error_message = join("\n", [
      for worker in data.kafkaconnect_cluster.this.workers : "${worker.url}: ${worker.error}" if !worker.ready
    ])
  }
}

output "revisions" {
  description = "The revision of the configuration that each worker runs."
  value       = { for worker in data.kafkaconnect_cluster.this.workers : worker.url => worker.config_revision }
}

output "can_alter_offsets" {
  value = data.kafkaconnect_cluster.this.features["alter_offsets"]
}

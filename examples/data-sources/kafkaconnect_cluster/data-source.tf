data "kafkaconnect_cluster" "this" {}

# A drift check fails when a worker is down, or when it was not restarted with its current file.
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

output "topics" {
  description = "Names of the topics by role: `offset`, `config` and `status`."
  value       = { for role, topic in kafkaconnect_internal_topic.this : role => topic.name }
}

output "files" {
  description = "Paths of the properties files by worker."
  value       = { for name, worker in kafkaconnect_worker_config.this.workers : name => worker.path }
}

output "revision" {
  description = "Number that is incremented when the settings of a worker change. Use it to trigger a restart of the workers."
  value       = kafkaconnect_worker_config.this.revision
}

output "revisions" {
  description = "`content_sha256` of the workers' files, for the action `kafkaconnect_await_workers`."
  value       = local.revisions
}

# terraform apply -invoke=action.kafkaconnect_await_workers.this waits for a rollout that something else performs.
action "kafkaconnect_await_workers" "this" {
  config {
    revision = kafkaconnect_worker_config.this.content_sha256
    timeouts = { invoke = "15m" }
  }
}

resource "kafkaconnect_worker_config" "this" {
  group_id             = "orders-connect"
  bootstrap_servers    = ["broker-0:9092"]
  offset_storage_topic = "orders-connect-offset"
  config_storage_topic = "orders-connect-config"
  status_storage_topic = "orders-connect-status"
  key_converter        = "org.apache.kafka.connect.json.JsonConverter"
  value_converter      = "org.apache.kafka.connect.json.JsonConverter"
  path                 = "${path.module}/worker.properties"
  announce_revision    = true
}

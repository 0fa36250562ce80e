# Basic: one worker, or several with the same file.
resource "kafkaconnect_worker_config" "orders" {
  group_id             = "orders-connect"
  bootstrap_servers    = ["broker-0:9092"]
  offset_storage_topic = "orders-connect-offset"
  config_storage_topic = "orders-connect-config"
  status_storage_topic = "orders-connect-status"
  key_converter        = "org.apache.kafka.connect.json.JsonConverter"
  value_converter      = "org.apache.kafka.connect.json.JsonConverter"
  path                 = "${path.module}/worker.properties"
}

data "kafkaconnect_plugin" "source" {
  class = "org.apache.kafka.connect.file.FileStreamSourceConnector"
}

output "required_keys" {
  value = [for key in data.kafkaconnect_plugin.source.keys : key.name if key.required]
}

output "defaults" {
  value = { for key in data.kafkaconnect_plugin.source.keys : key.name => key.default if key.default != null }
}

# The plan fails if a worker lacks one of these plugins.
data "kafkaconnect_plugins" "installed" {
  required = [
    "org.apache.kafka.connect.file.FileStreamSourceConnector",
    "org.apache.kafka.connect.json.JsonConverter",
  ]
}

output "connectors" {
  value = { for plugin in data.kafkaconnect_plugins.installed.plugins : plugin.class => plugin.version if contains(["source", "sink"], plugin.type) }
}

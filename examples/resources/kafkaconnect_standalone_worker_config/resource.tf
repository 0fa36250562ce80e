# Basic: a worker that keeps its offsets in a file.
resource "kafkaconnect_standalone_worker_config" "files" {
  bootstrap_servers            = ["broker-0:9092"]
  offset_storage_file_filename = "/var/lib/kafka-connect/offsets"
  key_converter                = "org.apache.kafka.connect.storage.StringConverter"
  value_converter              = "org.apache.kafka.connect.storage.StringConverter"
  path                         = "${path.module}/connect-standalone.properties"
}

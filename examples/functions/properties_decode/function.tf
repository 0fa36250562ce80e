# Reads a properties file as a worker does.
locals {
  worker = provider::kafkaconnect::properties_decode(file("${path.module}/worker.properties"))
}

output "group_id" {
  value = local.worker["group.id"]
}

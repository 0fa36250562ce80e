# A file that was written by hand, as a worker reads it.
locals {
  by_hand = provider::kafkaconnect::properties_decode(file("${path.module}/worker.properties"))
}

output "group_id" {
  value = local.by_hand["group.id"]
}

# Basic: the three storage topics of one worker group, with the default numbers of partitions: 25, 1 and 5.
resource "kafkaconnect_internal_topic" "orders" {
  for_each = toset(["offset", "config", "status"])

  role     = each.key
  name     = "orders-connect-${each.key}"
  group_id = "orders-connect"
}

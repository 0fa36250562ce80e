data "kafkaconnect_topology" "orders" {
  name_regex = "^orders-"
}

# Markdown that GitHub and GitLab show as a diagram.
output "topology" {
  value = "```mermaid\n${data.kafkaconnect_topology.orders.mermaid}```\n"
}

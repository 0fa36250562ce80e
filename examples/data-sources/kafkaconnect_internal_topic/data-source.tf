data "kafkaconnect_internal_topic" "all" {
  for_each = {
    offset = "connect-offsets"
    config = "connect-configs"
    status = "connect-status"
  }
  role = each.key
  name = each.value
}

# A warning in every plan and apply while a topic is not fit for its role.
check "internal_topics" {
  assert {
    condition = alltrue([for topic in data.kafkaconnect_internal_topic.all : length(topic.problems) == 0])
    error_message = join("\n", flatten([
      for topic in data.kafkaconnect_internal_topic.all : [for problem in topic.problems : "${topic.name}: ${problem}"]
    ]))
  }
}

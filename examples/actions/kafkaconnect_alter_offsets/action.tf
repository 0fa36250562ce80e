# terraform apply -invoke=action.kafkaconnect_alter_offsets.skip lets a sink continue after a record that it cannot process.
action "kafkaconnect_alter_offsets" "skip" {
  config {
    name = "orders-sink"
    offsets = [{
      partition = jsonencode({ kafka_topic = "orders", kafka_partition = 0 })
      offset    = jsonencode({ kafka_offset = 1201 })
    }]
  }
}

# A source reads one file again from position 120, and another one from the beginning. Other files continue where they are.
action "kafkaconnect_alter_offsets" "repeat" {
  config {
    name = "orders-source"
    offsets = [
      {
        partition = jsonencode({ filename = "/data/orders.txt" })
        offset    = jsonencode({ position = 120 })
      },
      {
        partition = jsonencode({ filename = "/data/returns.txt" })
        reset     = true
      },
    ]
  }
}

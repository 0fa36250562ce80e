mock_provider "kafkaconnect" {
  mock_resource "kafkaconnect_connector" {
    defaults = {
      state                    = "RUNNING"
      type                     = "source"
      on_failure               = "restart"
      validate                 = true
      reset_offsets_on_destroy = false
      deletion_protection      = false
    }
  }
}

variables {
  table = "orders"
}

run "source" {
  command = apply

  assert {
    condition     = output.connector == { name = "orders-source", type = "source", state = "RUNNING" }
    error_message = "Wrong connector: ${jsonencode(output.connector)}"
  }
}

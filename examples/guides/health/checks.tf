variable "max_lag" {
  description = "Number of records that a sink may be behind."
  type        = number
  default     = 1000
}

check "connectors_are_healthy" {
  data "kafkaconnect_connectors" "unhealthy" {
    healthy = false
  }

  assert {
    condition = length(data.kafkaconnect_connectors.unhealthy.connectors) == 0
    error_message = join("\n", concat(["These connectors are not healthy:"], [
      for name, connector in data.kafkaconnect_connectors.unhealthy.connectors :
      "${name} (${connector.state}): ${connector.error == null ? "no part is FAILED" : connector.error}"
    ]))
  }
}

check "sinks_keep_up" {
  data "kafkaconnect_connectors" "sinks" {
    type = "sink"
  }

  # A lag that is not known is null, and fails.
  assert {
    condition = alltrue([for sink in data.kafkaconnect_connectors.sinks.connectors : try(sink.lag <= var.max_lag, false)])
    error_message = join("\n", concat(["These sinks are more than ${var.max_lag} records behind, or their lag is not known:"], [
      for name, sink in data.kafkaconnect_connectors.sinks.connectors :
      "${name}: ${sink.lag == null ? "not known" : sink.lag}" if !try(sink.lag <= var.max_lag, false)
    ]))
  }
}

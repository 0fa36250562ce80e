import {
  to = kafkaconnect_logger.sinks
  identity = {
    name = "org.apache.kafka.connect.runtime.WorkerSinkTask"
  }
}

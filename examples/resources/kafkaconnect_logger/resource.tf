# All loggers, except those below that have levels of their own.
resource "kafkaconnect_logger" "root" {
  name  = "root"
  level = "WARN"
}

# Find out why a sink does not deliver.
resource "kafkaconnect_logger" "sinks" {
  name  = "org.apache.kafka.connect.runtime.WorkerSinkTask"
  level = "TRACE"
}

terraform {
  required_providers {
    kafkaconnect = {
      source = "kafkaconnect/kafkaconnect"
    }
  }
}

provider "kafkaconnect" {} # KAFKA_CONNECT_URL

# A failure is drift, and each apply restarts what is FAILED.
resource "kafkaconnect_connector" "orders" {
  name = "orders-sink"
  config = {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSinkConnector"
    "tasks.max"       = "1"
    "topics"          = "orders"
    "file"            = "/tmp/orders.txt"

    # Connect itself retries a failed write for ten minutes before the task fails.
    "errors.retry.timeout" = "600000"
  }
  on_failure = "restart" # the default
}

# A person decides what happens after a failure: the plan warns, and the apply restarts nothing.
resource "kafkaconnect_connector" "payments" {
  name = "payments-sink"
  config = {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSinkConnector"
    "tasks.max"       = "1"
    "topics"          = "payments"
    "file"            = "/tmp/payments.txt"
  }
  on_failure = "warn"
}

# Connectors for the test of the policies. TestPolicies_plan records the plan in plan.json.

resource "kafkaconnect_connector" "good_source" {
  name     = "customers-source"
  validate = false
  config = {
    "connector.class"   = "io.debezium.connector.postgresql.PostgresConnector"
    "database.password" = "$${file:/run/secrets/db:password}"
  }
  config_wo = { "database.history.password" = "secret" }
}

resource "kafkaconnect_connector" "good_sink" {
  name     = "orders-sink"
  validate = false
  config = {
    "connector.class"                   = "org.apache.kafka.connect.file.FileStreamSinkConnector"
    "topics"                            = "orders"
    "errors.tolerance"                  = "all"
    "errors.deadletterqueue.topic.name" = "orders-sink-errors"
  }
}

resource "kafkaconnect_connector" "secret" {
  name     = "secret-source"
  validate = false
  config = {
    "connector.class"   = "io.debezium.connector.postgresql.PostgresConnector"
    "database.password" = "secret"
  }
}

resource "kafkaconnect_connector" "class" {
  name     = "class-source"
  validate = false
  config   = { "connector.class" = "com.example.OwnSourceConnector" }
}

resource "kafkaconnect_connector" "name" {
  name     = "Orders_1"
  validate = false
  config   = { "connector.class" = "org.apache.kafka.connect.file.FileStreamSourceConnector" }
}

resource "kafkaconnect_connector" "queue" {
  name     = "queue-sink"
  validate = false
  config = {
    "connector.class" = "org.apache.kafka.connect.file.FileStreamSinkConnector"
    "topics.regex"    = "orders-.*"
  }
}

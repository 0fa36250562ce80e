# Full: two workers of one group on different machines, and brokers with SASL_SSL.
resource "kafkaconnect_worker_config" "payments" {
  group_id             = "payments-connect"
  bootstrap_servers    = ["broker-0:9093", "broker-1:9093"]
  offset_storage_topic = "payments-connect-offset"
  config_storage_topic = "payments-connect-config"
  status_storage_topic = "payments-connect-status"
  key_converter        = "org.apache.kafka.connect.json.JsonConverter"
  value_converter      = "org.apache.kafka.connect.json.JsonConverter"

  plugin_path = ["/opt/connect/plugins"]

  security = {
    protocol     = "SASL_SSL"
    ssl_protocol = "TLSv1.2"
    truststore   = { type = "PEM", location = "/etc/kafka/ca.pem" }
    sasl = {
      mechanism = "SCRAM-SHA-512"
      username  = "connect"
      password  = "$${file:/run/secrets/kafka.properties:password}" # resolved by the worker
    }
  }

  config = {
    "offset.flush.interval.ms" = "10000"
  }

  workers = {
    "worker-0" = {
      advertised_host_name = "worker-0"
      client_rack          = "zone-a"
      path                 = "${path.module}/worker-0.properties"
    }
    "worker-1" = {
      advertised_host_name = "worker-1"
      client_rack          = "zone-b"
      path                 = "${path.module}/worker-1.properties"
    }
  }
}

terraform {
  required_providers {
    kafkaconnect = {
      source = "kafkaconnect/kafkaconnect"
    }
  }
}

variable "connect_password" {
  type      = string
  sensitive = true
}

provider "kafkaconnect" {
  kafka = {
    # The client.properties file that your Kafka clients use. Attributes take precedence over its values.
    properties        = file("client.properties")
    bootstrap_servers = ["broker-0:9093", "broker-1:9093"]
  }

  connect = {
    # Workers of one Connect cluster. Requests go to the first worker that answers.
    urls     = ["https://worker-0:8083", "https://worker-1:8083"]
    username = "terraform"
    password = var.connect_password # or the environment variable KAFKA_CONNECT_PASSWORD
    tls = {
      ca_file = "ca.pem"
    }
  }
}

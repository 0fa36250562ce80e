terraform {
  required_providers {
    kafkaconnect = {
      source = "kafkaconnect/kafkaconnect"
    }
  }
}

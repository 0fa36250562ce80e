terraform {
  required_version = ">= 1.11" # for sasl_password, which is ephemeral

  required_providers {
    kafkaconnect = {
      source = "kafkaconnect/kafkaconnect"
    }
  }
}

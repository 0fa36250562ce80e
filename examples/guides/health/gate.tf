data "kafkaconnect_connector" "orders" {
  name = "orders-sink"

  lifecycle {
    postcondition {
      condition     = self.healthy
      error_message = "orders-sink is ${self.state}. ${self.error == null ? "No part is FAILED." : self.error}"
    }
    postcondition {
      condition     = try(self.lag <= var.max_lag, false)
      error_message = "orders-sink is ${self.lag == null ? "an unknown number of" : self.lag} records behind."
    }
  }
}

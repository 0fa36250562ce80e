variable "bootstrap_servers" {
  description = "Bootstrap brokers, as host:port."
  type        = list(string)
}

variable "username" {
  description = "User name on the brokers."
  type        = string
}

variable "password" {
  description = "Password on the brokers. Terraform does not store it."
  type        = string
  ephemeral   = true
}

variable "ca_file" {
  description = "PEM file with the CA of the brokers' certificates, on the machine of Terraform and on those of the workers."
  type        = string
}

variable "urls" {
  description = "URLs of the workers."
  type        = list(string)
  default     = ["http://localhost:8083"]
}

variable "group_id" {
  description = "Group id of the workers, and prefix of their storage topics."
  type        = string
  default     = "orders-connect"
}

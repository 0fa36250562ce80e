variable "bootstrap_servers" {
  description = "Brokers to ask first, as host:port."
  type        = list(string)
}

variable "mechanism" {
  description = "How to authenticate: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512."
  type        = string
  default     = "PLAIN"
}

variable "username" {
  description = "User name on the brokers."
  type        = string
}

variable "password" {
  description = "Password on the brokers. Terraform stores it nowhere."
  type        = string
  ephemeral   = true
}

variable "ca_file" {
  description = "PEM file with the authority of the brokers' certificates, for Terraform and for the workers."
  type        = string
}

variable "listener" {
  description = "URL on which the worker's REST API listens."
  type        = string
  default     = "http://:8083"
}

variable "group_id" {
  description = "Name of the group of workers, and prefix of its topics."
  type        = string
  default     = "orders-connect"
}

variable "bootstrap_servers" {
  description = "Bootstrap brokers, as host:port. They require TLS and SCRAM."
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
  description = "PEM file with the CA of the brokers' certificates."
  type        = string
}

variable "connect_url" {
  description = "URL on which the worker's REST API listens."
  type        = string
  default     = "http://localhost:8083"
}

variable "group_id" {
  description = "Group id of the workers, and prefix of their storage topics."
  type        = string
  default     = "demo-connect"
}

variable "offset_partitions" {
  description = "Number of partitions of the offset topic."
  type        = number
  default     = 25
}

variable "start_worker" {
  description = "Command that starts a worker in the background, such as connect-distributed.sh -daemon. The path of the properties file is appended."
  type        = string
}

variable "stop_worker" {
  description = "Command that stops the worker and waits until it has ended."
  type        = string
}

variable "topic" {
  description = "Topic that the source writes to and the sink reads from."
  type        = string
  default     = "demo-lines"
}

variable "source_file" {
  description = "File on the worker's machine that the source reads."
  type        = string
}

variable "sink_file" {
  description = "File on the worker's machine that the sink writes."
  type        = string
}

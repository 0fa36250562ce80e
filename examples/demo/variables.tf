variable "bootstrap_servers" {
  description = "Brokers to ask first, as host:port. They want TLS and SCRAM."
  type        = list(string)
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
  description = "PEM file with the authority of the brokers' certificates."
  type        = string
}

variable "connect_url" {
  description = "Where the worker is to serve its REST API."
  type        = string
  default     = "http://localhost:8083"
}

variable "group_id" {
  description = "Name of the group of workers, and prefix of its topics."
  type        = string
  default     = "demo-connect"
}

variable "start_worker" {
  description = "Command that starts a worker in the background, to which the path of its file is added, such as connect-distributed.sh -daemon."
  type        = string
}

variable "stop_worker" {
  description = "Command that stops the worker and waits for its end."
  type        = string
}

variable "topic" {
  description = "The topic between the two files."
  type        = string
  default     = "demo-lines"
}

variable "source_file" {
  description = "The file whose lines go into the topic. It is on the worker's machine."
  type        = string
}

variable "sink_file" {
  description = "The file that the lines come out into. It is on the worker's machine."
  type        = string
}

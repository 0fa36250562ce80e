variable "bootstrap_servers" {
  description = "Bootstrap brokers, as host:port."
  type        = list(string)
}

variable "connect_url" {
  description = "URL of the REST API of the worker."
  type        = string
}

variable "group_id" {
  description = "Group id of the workers, and prefix of their topics."
  type        = string
}

variable "source_file" {
  description = "File on the worker's machine whose lines the source connector reads."
  type        = string
}

variable "topic" {
  description = "Topic that the source connector writes to."
  type        = string
}

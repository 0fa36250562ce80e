variable "bootstrap_servers" {
  description = "Bootstrap brokers, as host:port."
  type        = list(string)
}

variable "workers" {
  description = "URL of the REST API of each worker, by name of the worker."
  type        = map(string)
}

variable "group_id" {
  description = "Group id of the workers, and prefix of their storage topics."
  type        = string
}

variable "restart_worker" {
  description = "Command that restarts a worker with its current file and waits until it is ready. The name of the worker is appended."
  type        = string
}

variable "offset_flush_interval" {
  description = "How often the workers flush offsets, in milliseconds."
  type        = number
  default     = 60000
}

variable "rebalance_delay" {
  description = "How long the group waits for a worker that restarts before other workers get its connectors, in milliseconds."
  type        = number
  default     = 60000
}

variable "timeout" {
  description = "How long to wait until all workers run their files."
  type        = string
  default     = "10m"
}

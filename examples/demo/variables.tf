variable "connect_url" {
  description = "The REST API of a Kafka Connect worker."
  type        = string
  default     = "http://localhost:8083"
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

variable "group_id" {
  description = "`group.id` of the workers."
  type        = string
}

variable "workers" {
  description = "Workers of the group by name: the path of the properties file, and the settings that differ between workers."
  type = map(object({
    path                 = string
    listeners            = optional(list(string))
    advertised_host_name = optional(string)
    advertised_listener  = optional(string)
    advertised_port      = optional(number)
    client_rack          = optional(string)
  }))
}

variable "cluster" {
  description = "Name of an entry in `clusters` of the provider. Default: the attributes `connect` and `kafka` of the provider."
  type        = string
  default     = null
}

variable "topic_prefix" {
  description = "Prefix of the names of the three topics, before `-offset`, `-config` and `-status`. Default: `group_id`."
  type        = string
  default     = null
}

variable "offset_partitions" {
  description = "Number of partitions of the offset topic. To change it later, stop the workers, apply, and start them."
  type        = number
  default     = 25
}

variable "status_partitions" {
  description = "Number of partitions of the status topic. To change it later, stop the workers, apply, and start them."
  type        = number
  default     = 5
}

variable "replication_factor" {
  description = "Number of replicas of each partition of the topics. Default: the broker's."
  type        = number
  default     = null
}

variable "topic_config" {
  description = "Settings of the topics, such as `min.insync.replicas`."
  type        = map(string)
  default     = null
}

variable "deletion_protection" {
  description = "Whether to refuse to delete the topics. Apply `false` before a destroy."
  type        = bool
  default     = true
}

variable "health_checks" {
  description = "Whether each plan and apply checks the workers and the connectors. With checks, the exit code of `terraform plan -detailed-exitcode` is always 2."
  type        = bool
  default     = true
}

variable "key_converter" {
  description = "Class that converts record keys, unless a connector has its own."
  type        = string
  default     = "org.apache.kafka.connect.json.JsonConverter"
}

variable "value_converter" {
  description = "Class that converts record values, unless a connector has its own."
  type        = string
  default     = "org.apache.kafka.connect.json.JsonConverter"
}

variable "plugin_path" {
  description = "Folders and archives that contain plugins. Default: only the plugins on Kafka's class path."
  type        = list(string)
  default     = null
}

variable "config" {
  description = "Other worker settings."
  type        = map(string)
  default     = null
}

variable "security" {
  description = "How the workers connect to the brokers. The password is in `sasl_password`, or in `sasl.password` as a placeholder. Default: connections are neither encrypted nor authenticated."
  type = object({
    protocol              = string
    ssl_protocol          = optional(string)
    ssl_enabled_protocols = optional(list(string))
    truststore = optional(object({
      type         = optional(string)
      location     = optional(string)
      certificates = optional(string)
    }))
    sasl = optional(object({
      mechanism = string
      username  = string
      password  = optional(string)
    }))
  })
  default = null
}

variable "sasl_password" {
  description = "Password for `security.sasl`. It is written to the workers' files, and never to the state."
  type        = string
  default     = null
  ephemeral   = true
}
